export { orderWorkflow } from './order';
export { manifestLane, messagesLane, crmSyncLane, wakeLane } from './lanes';
export { returnWorkflow } from './return';
export { surveyWorkflow } from './survey';
