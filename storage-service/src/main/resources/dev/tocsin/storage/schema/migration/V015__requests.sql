-- RED means requests: SERVER and CONSUMER spans. With client and internal spans added up a service of which every fifth
-- request fails showed a few percent. Other kinds by the third argument, apart. One without a kind counts as internal.
--
-- Rates of a service that is younger than the range divide by its own time: from when it was seen first to the end of
-- the range, and to now at most.
drop function red(timestamptz, timestamptz);

create function red(since timestamptz, until timestamptz, kinds int[] default array[2, 5])
returns table (service text, operation text, kind int, calls bigint, errors bigint, calls_per_second double precision,
  error_ratio double precision, mean_seconds double precision, p50_seconds double precision,
  p95_seconds double precision, p99_seconds double precision)
language sql stable parallel safe as $$
  with whole as (
    select service, operation, kind, sum(calls)::bigint as calls,
      min(min(minute)) over (partition by service) as first_minute,
      coalesce(sum(calls) filter (where status = 2), 0)::bigint as errors, sum(sum_ns) as sum_ns,
      array[coalesce(sum(calls) filter (where bucket = 1), 0), coalesce(sum(calls) filter (where bucket = 2), 0),
        coalesce(sum(calls) filter (where bucket = 3), 0), coalesce(sum(calls) filter (where bucket = 4), 0),
        coalesce(sum(calls) filter (where bucket = 5), 0), coalesce(sum(calls) filter (where bucket = 6), 0),
        coalesce(sum(calls) filter (where bucket = 7), 0), coalesce(sum(calls) filter (where bucket = 8), 0),
        coalesce(sum(calls) filter (where bucket = 9), 0), coalesce(sum(calls) filter (where bucket = 10), 0),
        coalesce(sum(calls) filter (where bucket = 11), 0), coalesce(sum(calls) filter (where bucket = 12), 0),
        coalesce(sum(calls) filter (where bucket = 13), 0), coalesce(sum(calls) filter (where bucket = 14), 0),
        coalesce(sum(calls) filter (where bucket = 15), 0), coalesce(sum(calls) filter (where bucket = 16), 0)]::bigint[] as buckets
    from telemetry.red_buckets(since, until)
    group by service, operation, kind),
  born as (select o.service, min(o.first_seen) as first_seen from telemetry.operation o group by o.service)
  select service, operation, kind, calls, errors,
    calls / greatest(extract(epoch from least(until, now())
      - greatest(date_trunc('minute', since), least(first_seen, first_minute))), 1)::double precision,
    errors::double precision / calls, (sum_ns / 1e9 / calls)::double precision,
    telemetry.latency_quantile(0.5, buckets), telemetry.latency_quantile(0.95, buckets),
    telemetry.latency_quantile(0.99, buckets)
  from whole join born using (service)
  where case when kind between 2 and 5 then kind else 1 end = any(kinds)
$$;
