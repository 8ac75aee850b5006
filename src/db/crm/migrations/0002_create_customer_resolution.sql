-- Finds or creates the customer of an order in one round trip.
-- An existing identity decides; a new one is claimed through its unique key, so that concurrent first orders meet
-- there: the loser of the race reads the winner's customer id. Foreign keys to the customer are checked at commit,
-- which lets the identity be claimed before its customer is written.

create function crm.resolve_customer(
  p_order uuid, p_email text, p_email_verified boolean, p_email_valid boolean, p_phone text, p_phone_valid boolean,
  p_name text, p_locale text, p_external jsonb, p_addresses jsonb
) returns table (customer_id uuid, blocked boolean, locale text) language plpgsql as $$
declare
  v_new uuid := uuidv7();
  v_id uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_order::text, 0));
  select crm.survivor(o.customer_id) into v_id from crm.order_customers o where o.order_id = p_order;
  if v_id is null then
    v_id := crm.identify_customer(v_new, p_email, p_email_verified, p_email_valid, p_external);
    if v_id = v_new then
      insert into crm.customers (id, locale) values (v_new, p_locale);
      insert into crm.customer_pii (customer_id, name, email, phone, addresses)
        values (v_new, p_name, p_email, case when p_phone_valid then p_phone end, p_addresses);
    else
      perform crm.complete_customer(v_id, p_email, case when p_phone_valid then p_phone end, p_name, p_locale, p_addresses);
    end if;
    if p_email is not null and not p_email_verified then
      insert into crm.identity_claims (customer_id, channel, value, valid)
        values (v_id, 'email', p_email, p_email_valid)
        on conflict do nothing;
    end if;
    if p_phone is not null then
      insert into crm.identity_claims (customer_id, channel, value, valid)
        values (v_id, 'phone', p_phone, p_phone_valid)
        on conflict do nothing;
    end if;
    insert into crm.order_customers (order_id, customer_id) values (p_order, v_id);
  end if;
  return query select c.id, c.blocked_at is not null, c.locale from crm.customers c where c.id = v_id;
end $$;
comment on function crm.resolve_customer is 'Idempotent by order id; exactly one customer per verified e-mail';

-- A verified e-mail decides, then an id of a shop, then an earlier unverified claim of the same e-mail, else p_new.
create function crm.identify_customer(
  p_new uuid, p_email text, p_email_verified boolean, p_email_valid boolean, p_external jsonb
) returns uuid language plpgsql as $$
declare
  v_id uuid;
  v_taken uuid;
  v_key record;
begin
  if p_email_verified then
    select i.customer_id into v_id from crm.identities i where i.channel = 'email' and i.external_id = p_email;
  end if;
  if v_id is null then
    select i.customer_id into v_id
      from jsonb_to_recordset(p_external) as e(channel text, value text)
      join crm.identities i on i.channel = e.channel and i.external_id = e.value
      order by i.channel, i.external_id limit 1;
    if p_email_verified then
      insert into crm.identities (customer_id, channel, external_id)
        values (coalesce(v_id, p_new), 'email', p_email)
        on conflict (channel, external_id) do update set external_id = excluded.external_id
        returning customer_id into v_id;
    end if;
  end if;
  for v_key in
    select e.channel, e.value from jsonb_to_recordset(p_external) as e(channel text, value text) order by 1, 2
  loop
    select i.customer_id into v_taken from crm.identities i
      where i.channel = v_key.channel and i.external_id = v_key.value;
    if v_taken is null then
      insert into crm.identities (customer_id, channel, external_id)
        values (coalesce(v_id, p_new), v_key.channel, v_key.value)
        on conflict (channel, external_id) do update set external_id = excluded.external_id
        returning customer_id into v_taken;
    end if;
    v_id := coalesce(v_id, v_taken);
  end loop;
  if v_id is null and p_email is not null and p_email_valid then
    select c.customer_id into v_id from crm.identity_claims c
      where c.channel = 'email' and c.value = p_email and c.decides;
    if v_id is null then
      insert into crm.identity_claims (customer_id, channel, value, decides)
        values (p_new, 'email', p_email, true)
        on conflict (channel, value) where decides do update set value = excluded.value
        returning customer_id into v_id;
    end if;
  end if;
  return coalesce(v_id, p_new);
end $$;

-- Fills what is empty and adds addresses that are new (at most 20); writes nothing when nothing is new.
create function crm.complete_customer(
  p_id uuid, p_email text, p_phone text, p_name text, p_locale text, p_addresses jsonb
) returns void language plpgsql as $$
begin
  update crm.customer_pii p
    set name = coalesce(p.name, p_name), email = coalesce(p.email, p_email), phone = coalesce(p.phone, p_phone),
      addresses = case
        when jsonb_array_length(p.addresses) >= 20 or p.addresses @> p_addresses then p.addresses
        else p.addresses || (
          select coalesce(jsonb_agg(a), '[]') from jsonb_array_elements(p_addresses) a
          where not p.addresses @> jsonb_build_array(a)) end
    where p.customer_id = p_id and (
      (p.name is null and p_name is not null) or (p.email is null and p_email is not null)
      or (p.phone is null and p_phone is not null)
      or (jsonb_array_length(p.addresses) < 20 and not p.addresses @> p_addresses));
  if found then
    update crm.customers c
      set version = c.version + 1, updated_at = now(), locale = coalesce(c.locale, p_locale)
      where c.id = p_id;
  else
    update crm.customers c set locale = p_locale, version = c.version + 1, updated_at = now()
      where c.id = p_id and c.locale is null and p_locale is not null;
  end if;
end $$;
