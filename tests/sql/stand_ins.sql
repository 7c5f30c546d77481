-- For test_scaling.py: functions named as those of Citus and TimescaleDB that do nothing but refuse a table of which
-- their documentation says that it would be refused. What each check stands for is in its message.
CREATE FUNCTION public.refuse(bad boolean, tbl regclass, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF bad THEN
        RAISE EXCEPTION '%: %', tbl, why USING ERRCODE = 'feature_not_supported';
    END IF;
END $$;

-- Keys of a table that lack a column.
CREATE FUNCTION public.keys_without(tbl regclass, col name) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = tbl AND i.indisunique AND NOT (SELECT attnum FROM pg_attribute
        WHERE attrelid = tbl AND attname = col) = ANY (i.indkey::smallint[]))
$$;

CREATE FUNCTION public.refuse_any(tbl regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse(EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND tbl IN (conrelid, confrelid)), tbl, 'foreign keys'),
        public.refuse(EXISTS (SELECT FROM pg_constraint WHERE contype = 'x' AND conrelid = tbl), tbl, 'an exclusion constraint'),
        public.refuse(EXISTS (SELECT FROM pg_trigger WHERE tgrelid = tbl AND NOT tgisinternal), tbl, 'triggers'),
        public.refuse(EXISTS (SELECT FROM pg_rewrite WHERE ev_class = tbl), tbl, 'the rule system'),
        public.refuse(EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE tbl IN (i.inhparent, i.inhrelid)
                              AND NOT c.relispartition), tbl, 'table inheritance'),
        public.refuse((SELECT relpersistence <> 'p' OR relrowsecurity FROM pg_class WHERE oid = tbl), tbl, 'not a plain durable table');
END $$;

CREATE FUNCTION public.create_distributed_table(tbl regclass, col text, colocate_with text DEFAULT 'default') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse_any(tbl), public.refuse(public.keys_without(tbl, col::name), tbl, 'unique keys must hold the column of distribution'),
        public.refuse(NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = tbl AND attname = col AND attnotnull AND attgenerated = ''),
                      tbl, 'the column of distribution must be there, is never NULL and not generated'),
        public.refuse(EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = tbl AND c.relkind = 'p'),
                      tbl, 'partitions of partitions'),
        public.refuse(EXISTS (SELECT FROM pg_attribute WHERE attrelid = tbl AND attidentity <> '' AND atttypid <> 'int8'::regtype), tbl, 'a small identity');
    IF create_distributed_table.colocate_with NOT IN ('default', 'none') THEN
        PERFORM public.refuse((SELECT atttypid FROM pg_attribute WHERE attrelid = tbl AND attname = col) <>
            (SELECT a.atttypid FROM public.placed p JOIN pg_attribute a ON a.attrelid = p.tbl AND a.attname = p.col
             WHERE p.tbl = create_distributed_table.colocate_with::regclass), tbl, 'another type than what it is placed with');
    END IF;
    INSERT INTO public.placed VALUES (tbl, col);
END $$;
CREATE FUNCTION public.create_reference_table(tbl regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse_any(tbl), public.refuse((SELECT relkind <> 'r' FROM pg_class WHERE oid = tbl), tbl, 'a partitioned reference table');
    INSERT INTO public.placed VALUES (tbl, NULL);
END $$;
CREATE TABLE public.placed (tbl regclass PRIMARY KEY, col text);

CREATE FUNCTION public.create_hypertable(tbl regclass, t_column name, chunk_time_interval interval) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse_any(tbl), public.refuse((SELECT relkind <> 'r' OR relispartition FROM pg_class WHERE oid = tbl), tbl, 'already partitioned'),
        public.refuse(public.keys_without(tbl, t_column), tbl, 'unique keys must hold the time'),
        public.refuse(EXISTS (SELECT FROM pg_class WHERE oid = tbl AND relhassubclass), tbl, 'it has children'),
        public.refuse(NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = tbl AND attname = t_column AND attnotnull AND attgenerated = ''
                                  AND atttypid = 'timestamptz'::regtype), tbl, 'the time must be there, is never NULL and not generated');
    INSERT INTO public.placed VALUES (tbl, t_column);
END $$;
CREATE FUNCTION public.add_retention_policy(tbl regclass, keep interval) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.refuse(NOT EXISTS (SELECT FROM public.placed p WHERE p.tbl = add_retention_policy.tbl), tbl, 'not a hypertable');
END $$;
