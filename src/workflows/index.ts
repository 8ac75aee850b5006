export { orderWorkflow } from './order';
export { disputesLane, manifestLane, messagesLane, crmSyncLane, wakeLane } from './lanes';
export { refundWorkflow } from './refund';
export { returnWorkflow } from './return';
export { surveyWorkflow } from './survey';
