export interface Localized {
  readonly en: string;
  readonly zh: string;
}

/** A mail as it is written: greeting and layout are added. */
export interface Letter {
  readonly key: string;
  readonly topic?: string;
  readonly subject: Localized;
  /** Paragraphs; the text of both forms. */
  readonly paragraphs: readonly Localized[];
  /** A block that looks different as text and as HTML. */
  readonly block?: { readonly text: Localized; readonly html: Localized };
  readonly closing: Localized;
}

/** Which parcel it is about, and what is in it. */
export const TRACKING = {
  text: {
    en: `{% if shipment.trackingNo != "" %}Tracking number: {{ shipment.trackingNo }} ({{ shipment.carrier }}){% endif %}
{% for line in shipment.lines %}- {{ line.quantity }} × {{ line.title }}
{% endfor %}`,
    zh: `{% if shipment.trackingNo != "" %}运单号：{{ shipment.trackingNo }}（{{ shipment.carrier }}）{% endif %}
{% for line in shipment.lines %}- {{ line.title }} × {{ line.quantity }}
{% endfor %}`,
  },
  html: {
    en: `{% if shipment.trackingNo != "" %}<p>Tracking number: <strong>{{ shipment.trackingNo }}</strong> ({{ shipment.carrier }})</p>{% endif %}
<ul>{% for line in shipment.lines %}<li>{{ line.quantity }} × {{ line.title }}</li>{% endfor %}</ul>`,
    zh: `{% if shipment.trackingNo != "" %}<p>运单号：<strong>{{ shipment.trackingNo }}</strong>（{{ shipment.carrier }}）</p>{% endif %}
<ul>{% for line in shipment.lines %}<li>{{ line.title }} × {{ line.quantity }}</li>{% endfor %}</ul>`,
  },
};
