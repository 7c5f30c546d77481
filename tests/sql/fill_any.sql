-- For tests of migrations: puts rows into every table that the writer may fill, whatever columns it has at
-- this version, as the writer; and a digest of each table that later columns do not change.
CREATE FUNCTION public.fill_any(n integer) RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog SET timezone = 'UTC' AS $$
DECLARE
    f record;
    filled integer := 0;
BEGIN
    PERFORM cascade_risk.ensure_partitions(1, DATE '2026-02-28');
    FOR f IN SELECT c.oid::regclass AS tbl, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS cols,
                    string_agg(CASE format_type(a.atttypid, a.atttypmod)
                        WHEN 'text' THEN format('%L || i', a.attname || ' ''é" ')
                        WHEN 'timestamp with time zone' THEN 'timestamptz ''2026-02-28 23:59:58.5+00'' + i * interval ''0.1 s'''
                        WHEN 'double precision' THEN CASE WHEN a.attnotnull THEN 'i / 3.0' ELSE 'nullif(i, 3) / 7.0' END
                        WHEN 'double precision[]' THEN 'ARRAY[0, i / 3.0, i]'
                        WHEN 'boolean' THEN 'i % 2 = 0'
                        WHEN 'uuid' THEN 'md5(i::text)::uuid'
                        ELSE 'i' END, ', ' ORDER BY a.attnum) AS vals
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relnamespace = 'cascade_risk'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
             AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = ''
             AND has_table_privilege('cascaded_writer', c.oid, 'INSERT') GROUP BY c.oid LOOP
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(1, %s) i', f.tbl, f.cols, f.vals, n);
        filled := filled + 1;
    END LOOP;
    RETURN filled;
END $$;

-- One line a table: rows, and MD5 over their columns among `cols` ("table.column"), in the order of the names.
CREATE FUNCTION public.digests(cols text[]) RETURNS SETOF text LANGUAGE plpgsql SET search_path = pg_catalog SET timezone = 'UTC' AS $$
DECLARE
    f record;
    line text;
BEGIN
    FOR f IN SELECT split_part(x, '.', 1) AS tbl, string_agg(format('%I', split_part(x, '.', 2)), ', ' ORDER BY x) AS list
             FROM unnest(cols) x GROUP BY 1 ORDER BY 1 LOOP
        EXECUTE format('SELECT %L || count(*) || '' '' || coalesce(md5(string_agg(r, E''\n'' ORDER BY r COLLATE "C")), ''-'') '
                       'FROM (SELECT ROW(%s)::text AS r FROM cascade_risk.%I) x', f.tbl || ' ', f.list, f.tbl) INTO line;
        RETURN NEXT line;
    END LOOP;
END $$;

-- Everything a schema consists of, a line each, without its partitions.
CREATE VIEW public.shape AS
WITH r AS (SELECT c.* FROM pg_class c WHERE c.relnamespace = 'cascade_risk'::regnamespace AND NOT c.relispartition)
SELECT format('%s %s %s %s %s', relkind, relname, relowner::regrole, relacl, reloptions) AS line FROM r
UNION ALL SELECT format('comment %s %s', relname, obj_description(oid)) FROM r
UNION ALL SELECT format('column %s %s %s %s %s %s %s', r.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                        a.attidentity, col_description(r.oid, a.attnum)) FROM r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0
                        AND r.relkind <> 'S'
UNION ALL SELECT 'index ' || pg_get_indexdef(oid) FROM r WHERE relkind IN ('i', 'I')
UNION ALL SELECT format('view %s %s', relname, pg_get_viewdef(oid)) FROM r WHERE relkind = 'v'
UNION ALL SELECT format('constraint %s %s', r.relname, pg_get_constraintdef(k.oid)) FROM r JOIN pg_constraint k ON k.conrelid = r.oid
UNION ALL SELECT format('function %s %s %s', pg_get_functiondef(oid), proacl, obj_description(oid)) FROM pg_proc
          WHERE pronamespace = 'cascade_risk'::regnamespace
UNION ALL SELECT format('row fact_table %s', f) FROM cascade_risk.fact_table f
UNION ALL SELECT format('row unit %s', u) FROM cascade_risk.unit u;
