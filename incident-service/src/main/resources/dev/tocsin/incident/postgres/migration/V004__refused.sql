-- Where to look for incidents that have reached nobody.
create index notification_refused on notification (incident_id)
  where state in ('pending', 'leased', 'dead')
    and reason in ('rejected', 'unauthorized', 'refused_address', 'expired');
