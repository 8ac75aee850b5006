import { type Letter, TRACKING } from './letter-parts';

/** What customers read when a delivery goes wrong. */
export const DELIVERY_LETTERS: readonly Letter[] = [
  {
    key: 'delivery_failed',
    subject: {
      en: 'Your order {{ order.orderNo }} could not be delivered yet',
      zh: '您的订单 {{ order.orderNo }} 暂未能送达',
    },
    paragraphs: [
      {
        en: 'The carrier tried to deliver a parcel of your order {{ order.orderNo }} and did not succeed. It will try again, or tell you where to pick it up.',
        zh: '承运商投递您的订单 {{ order.orderNo }} 中的包裹时未能成功。承运商会再次投递，或通知您自提地点。',
      },
    ],
    block: TRACKING,
    closing: {
      en: 'If the address has to be corrected, please reply to this mail.',
      zh: '如需更正收货地址，请回复本邮件。',
    },
  },
  {
    key: 'order_lost',
    subject: {
      en: 'A parcel of your order {{ order.orderNo }} is missing',
      zh: '您的订单 {{ order.orderNo }} 中的包裹下落不明',
    },
    paragraphs: [
      {
        en: 'We have not heard of a parcel of your order {{ order.orderNo }} for longer than usual and are looking for it. If it does not turn up, we send it again or pay it back; you need not do anything.',
        zh: '您的订单 {{ order.orderNo }} 中的包裹已超过正常时间没有物流信息，我们正在查找。如仍无法找到，我们将为您补发或退款，您无需任何操作。',
      },
    ],
    block: TRACKING,
    closing: {
      en: 'If you have received it, please reply to this mail.',
      zh: '如您已经收到，请回复本邮件。',
    },
  },
  {
    key: 'order_returning',
    subject: {
      en: 'A parcel of your order {{ order.orderNo }} is on its way back to us',
      zh: '您的订单 {{ order.orderNo }} 中的包裹正在退回',
    },
    paragraphs: [
      {
        en: 'The carrier returns a parcel of your order {{ order.orderNo }} to us. As soon as it is here we settle what you have paid for it.',
        zh: '承运商正在将您的订单 {{ order.orderNo }} 中的包裹退回给我们。收到后我们会为您处理相应款项。',
      },
    ],
    block: TRACKING,
    closing: {
      en: 'If you still want it, please reply to this mail.',
      zh: '如您仍需要该商品，请回复本邮件。',
    },
  },
];
