export { orderWorkflow } from './order';
export {
  disputesLane,
  documentsLane,
  manifestLane,
  messagesLane,
  crmSyncLane,
  wakeLane,
  webhooksLane,
} from './lanes';
export { refundWorkflow } from './refund';
export { returnWorkflow } from './return';
export { surveyWorkflow } from './survey';
