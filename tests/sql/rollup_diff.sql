-- For tests: compares a rollup table with what SQL makes of the rows of every second, exactly. One row:
-- minutes that either has, cells compared, cells that differ (a minute only one of them has differs in all).
CREATE FUNCTION public.rollup_diff(tbl text, seen text, OUT minutes bigint, OUT cells bigint, OUT wrong bigint)
LANGUAGE plpgsql AS $$
DECLARE
    keys text;
    aggregates text;
    differs text;
    n bigint;
BEGIN
    SELECT string_agg(attname, ', ' ORDER BY attnum) FILTER (WHERE atttypid <> 'float8'::regtype),
           string_agg(format('(array_agg(%1$I ORDER BY x.t DESC) FILTER (WHERE %1$I IS NOT NULL))[1] AS %1$I, '
                             'min(%1$I) AS %1$s_min, max(%1$I) AS %1$s_max', attname), ', ')
               FILTER (WHERE atttypid = 'float8'::regtype),
           string_agg(format('(f.%1$I IS DISTINCT FROM r.%1$I)::int + (f.%1$s_min IS DISTINCT FROM r.%1$s_min)::int + '
                             '(f.%1$s_max IS DISTINCT FROM r.%1$s_max)::int', attname), ' + ')
               FILTER (WHERE atttypid = 'float8'::regtype),
           3 * count(*) FILTER (WHERE atttypid = 'float8'::regtype) + 1
    INTO keys, aggregates, differs, n
    FROM pg_attribute WHERE attrelid = ('cascade_risk.' || tbl)::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 't';
    EXECUTE format('SELECT count(*), count(*) * %s, coalesce(sum(%s + (f.seen_n IS DISTINCT FROM r.%I)::int), 0) FROM '
                   '(SELECT date_trunc(''minute'', x.t, ''UTC'') AS t, %s, count(*) AS seen_n, %s FROM cascade_risk.%I x '
                   'GROUP BY date_trunc(''minute'', x.t, ''UTC''), %s) f FULL JOIN cascade_risk.%I r USING (t, %s)',
                   n, differs, seen, keys, aggregates, tbl, keys, tbl || '_1m', keys) INTO minutes, cells, wrong;
END $$;
