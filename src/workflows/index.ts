export { orderWorkflow } from './order';
export { manifestLane, messagesLane, crmSyncLane, wakeLane } from './lanes';
export { surveyWorkflow } from './survey';
