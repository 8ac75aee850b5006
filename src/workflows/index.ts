export { orderWorkflow } from './order';
export {
  disputesLane,
  documentsLane,
  manifestLane,
  messagesLane,
  crmSyncLane,
  wakeLane,
} from './lanes';
export { refundWorkflow } from './refund';
export { returnWorkflow } from './return';
export { surveyWorkflow } from './survey';
