/** What a customer is offered in place of what is not there, what it costs, and where to answer. */
export const OFFER = {
  text: {
    en: `{% for line in substitution.lines %}- {{ line.quantity }} × {{ line.title }}: {{ line.totalMinor | money: order.currency }} (instead of {{ line.oldTitle }})
{% endfor %}
{% if substitution.moreMinor > 0 %}Your order then costs {{ substitution.moreMinor | money: order.currency }} more.{% elsif substitution.lessMinor > 0 %}Your order then costs {{ substitution.lessMinor | money: order.currency }} less.{% else %}The price stays the same.{% endif %}

{{ offer.url }}`,
    zh: `{% for line in substitution.lines %}- {{ line.title }} × {{ line.quantity }}：{{ line.totalMinor | money: order.currency }}（替代 {{ line.oldTitle }}）
{% endfor %}
{% if substitution.moreMinor > 0 %}订单金额将增加 {{ substitution.moreMinor | money: order.currency }}。{% elsif substitution.lessMinor > 0 %}订单金额将减少 {{ substitution.lessMinor | money: order.currency }}。{% else %}订单金额不变。{% endif %}

{{ offer.url }}`,
  },
  html: {
    en: `<ul>{% for line in substitution.lines %}<li>{{ line.quantity }} × {{ line.title }}: {{ line.totalMinor | money: order.currency }} (instead of {{ line.oldTitle }})</li>{% endfor %}</ul>
<p>{% if substitution.moreMinor > 0 %}Your order then costs {{ substitution.moreMinor | money: order.currency }} more.{% elsif substitution.lessMinor > 0 %}Your order then costs {{ substitution.lessMinor | money: order.currency }} less.{% else %}The price stays the same.{% endif %}</p>
<p><a href="{{ offer.url }}">Accept or decline</a></p><p>{{ offer.url }}</p>`,
    zh: `<ul>{% for line in substitution.lines %}<li>{{ line.title }} × {{ line.quantity }}：{{ line.totalMinor | money: order.currency }}（替代 {{ line.oldTitle }}）</li>{% endfor %}</ul>
<p>{% if substitution.moreMinor > 0 %}订单金额将增加 {{ substitution.moreMinor | money: order.currency }}。{% elsif substitution.lessMinor > 0 %}订单金额将减少 {{ substitution.lessMinor | money: order.currency }}。{% else %}订单金额不变。{% endif %}</p>
<p><a href="{{ offer.url }}">同意或拒绝</a></p><p>{{ offer.url }}</p>`,
  },
};
