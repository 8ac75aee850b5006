-- What the runtime role may do. Histories can be added to, never changed; nothing is deleted.

grant usage on schema crm to throughline_crm;
grant select, insert, update on all tables in schema crm to throughline_crm;
revoke update on crm.consent_events, crm.interactions, crm.totals_postings, crm.templates, crm.message_events,
  crm.surveys, crm.survey_responses from throughline_crm;
revoke all on all functions in schema crm from public;
grant execute on all functions in schema crm to throughline_crm;
revoke insert, update on crm.migrations from throughline_crm;
