export interface ConsoleSettings {
  readonly TEMPORAL_UI_URL: string;
  readonly TEMPORAL_NAMESPACE: string;
}

/** Gives the page of a workflow in the operators' console. */
export function workflowLinksTo(settings: ConsoleSettings): (workflowId: string) => string {
  const base = settings.TEMPORAL_UI_URL.replace(/\/$/, '');
  const namespace = encodeURIComponent(settings.TEMPORAL_NAMESPACE);
  return (workflowId) =>
    `${base}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}
