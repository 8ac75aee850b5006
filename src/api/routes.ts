import { linkPages } from './pages/links';
import type { Route } from './route';
import { apiKeyRoutes } from './routes/api-keys';
import { customerRoutes } from './routes/customers';
import { disputeRoutes } from './routes/disputes';
import { documentRoutes } from './routes/documents';
import { documentationRoutes } from './routes/docs';
import { fulfillmentOrderRoutes } from './routes/fulfillment-orders';
import { healthRoutes } from './routes/health';
import { incidentRoutes } from './routes/incidents';
import { intakeRoutes } from './routes/intakes';
import { inventoryRoutes } from './routes/inventory';
import { locationRoutes } from './routes/locations';
import { messageRoutes } from './routes/messages';
import { operationRoutes } from './routes/operations';
import { orderAmendRoutes } from './routes/order-amend';
import { orderCommandRoutes } from './routes/order-commands';
import { orderTemplateRoutes } from './routes/order-templates';
import { orderRoutes } from './routes/orders';
import { policyRoutes } from './routes/policies';
import { productRoutes } from './routes/products';
import { quoteRoutes } from './routes/quotes';
import { refundRoutes } from './routes/refunds';
import { returnRoutes } from './routes/returns';
import { shipmentCommandRoutes } from './routes/shipment-commands';
import { shipmentRoutes } from './routes/shipments';
import { storeCreditRoutes } from './routes/store-credit';
import { surveyRoutes } from './routes/surveys';
import { carrierWebhookRoutes } from './routes/webhooks-carriers';
import { paymentWebhookRoutes } from './routes/webhooks-payments';
import { webhookDeliveryRoutes } from './routes/webhook-deliveries';
import { webhookEndpointRoutes } from './routes/webhook-endpoints';
import { shopifyWebhookRoutes } from './routes/webhooks-shopify';
import { stripeWebhookRoutes } from './routes/webhooks-stripe';

const RESOURCES: readonly Route[] = [
  ...healthRoutes,
  ...shipmentRoutes,
  ...shipmentCommandRoutes,
  ...quoteRoutes,
  ...orderRoutes,
  ...orderTemplateRoutes,
  ...orderAmendRoutes,
  ...orderCommandRoutes,
  ...refundRoutes,
  ...operationRoutes,
  ...intakeRoutes,
  ...fulfillmentOrderRoutes,
  ...shopifyWebhookRoutes,
  ...stripeWebhookRoutes,
  ...paymentWebhookRoutes,
  ...carrierWebhookRoutes,
  ...returnRoutes,
  ...productRoutes,
  ...locationRoutes,
  ...inventoryRoutes,
  ...policyRoutes,
  ...disputeRoutes,
  ...incidentRoutes,
  ...documentRoutes,
  ...apiKeyRoutes,
  ...customerRoutes,
  ...storeCreditRoutes,
  ...messageRoutes,
  ...surveyRoutes,
  ...linkPages,
  ...webhookEndpointRoutes,
  ...webhookDeliveryRoutes,
];

/** Every route there is. What is not listed here is not served and not in the OpenAPI document. */
export const ROUTES: readonly Route[] = [...RESOURCES, ...documentationRoutes(RESOURCES)];
