/** The words of a printed document. */
export interface PdfLabels {
  readonly invoice: string;
  readonly creditNote: string;
  readonly order: string;
  readonly issued: string;
  readonly due: string;
  readonly corrects: string;
  readonly seller: string;
  readonly buyer: string;
  readonly taxId: string;
  readonly item: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly discount: string;
  readonly rate: string;
  readonly net: string;
  readonly shipping: string;
  readonly netSum: string;
  readonly tax: string;
  readonly taxOf: string;
  readonly total: string;
  readonly paid: string;
  readonly refunded: string;
  readonly payable: string;
  readonly included: string;
  /** Titles of lines that are none of the order's, where they differ from how they are kept. */
  readonly titles: Readonly<Record<string, string>>;
}

const EN: PdfLabels = {
  invoice: 'Invoice',
  creditNote: 'Credit note',
  order: 'Order',
  issued: 'Issued',
  due: 'Due',
  corrects: 'For invoice',
  seller: 'Seller',
  buyer: 'Buyer',
  taxId: 'Tax number',
  item: 'Item',
  quantity: 'Quantity',
  unitPrice: 'Unit price',
  discount: 'Discount',
  rate: 'Tax %',
  net: 'Net',
  shipping: 'Shipping',
  netSum: 'Total without tax',
  tax: 'Tax',
  taxOf: 'of',
  total: 'Total',
  paid: 'Paid',
  refunded: 'Refunded',
  payable: 'To pay',
  included: 'Unit prices and discounts contain the tax.',
  titles: {},
};

const ZH: PdfLabels = {
  invoice: '发票',
  creditNote: '贷项通知单',
  order: '订单',
  issued: '开票日期',
  due: '付款期限',
  corrects: '对应发票',
  seller: '卖方',
  buyer: '买方',
  taxId: '税号',
  item: '商品',
  quantity: '数量',
  unitPrice: '单价',
  discount: '折扣',
  rate: '税率 %',
  net: '不含税金额',
  shipping: '运费',
  netSum: '不含税合计',
  tax: '税额',
  taxOf: '计税金额',
  total: '合计',
  paid: '已付',
  refunded: '已退款',
  payable: '应付',
  included: '单价和折扣均含税。',
  titles: {
    Tip: '小费',
    Duties: '关税',
    Shipping: '运费',
    Refund: '退款',
    'Difference to the order': '与订单的差额',
    'Difference to the refund': '与退款的差额',
  },
};

/** Chinese for every kind of it, English for all others. */
export function labelsOf(locale: string): PdfLabels {
  return /^zh\b/i.test(locale) ? ZH : EN;
}
