-- Bytes a day of the metric tables at 50 assets on 4 venues, from filled tables with their indexes; every metric
-- known, so an upper bound (a NULL takes none). By hand, on an empty scratch database with the schema applied:
--   psql -XAt -d SCRATCH -f tests/sql/table_bytes.sql
SET timezone = 'UTC';
SELECT cascade_risk.ensure_partitions(1, DATE '2028-02-01');
CREATE FUNCTION pg_temp.fill(tbl text, n int, keys text, per int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE cols text; vals text;
BEGIN
  SELECT string_agg(attname, ', ' ORDER BY attnum), string_agg('random() * 1e6', ', ') INTO cols, vals FROM pg_attribute
  WHERE attrelid = ('cascade_risk.' || tbl)::regclass AND attnum > 0 AND NOT attisdropped AND atttypid = 'float8'::regtype;
  EXECUTE format('INSERT INTO cascade_risk.%I (t, run_id, %s, %s) SELECT timestamptz ''2028-02-01 00:00+00'' + (i / %s) * interval ''10 s'', 1, %s, %s FROM generate_series(0, %s) i',
    tbl, split_part(keys, '@', 1), cols, per, split_part(keys, '@', 2), vals, n - 1);
END $$;
SELECT pg_temp.fill('m_asset', 5000, $$asset@'ASSET' || i % 50$$, 50);
SELECT pg_temp.fill('m_venue_asset', 20000, $$venue, asset@'venue' || i % 4, 'ASSET' || i / 4 % 50$$, 200);
SELECT pg_temp.fill('m_scenario', 20000, $$venue, asset, scenario@'venue' || i % 5, 'ASSET' || i / 10 % 50, CASE i / 5 % 2 WHEN 0 THEN 'flow' ELSE 'news' END$$, 500);
SELECT pg_temp.fill('m_group_asset_side', 20000, $$grp, asset, side@'venue' || i % 4, 'ASSET' || i / 8 % 50, CASE i / 4 % 2 WHEN 0 THEN 'long' ELSE 'short' END$$, 400);
SELECT pg_temp.fill('m_asset_1m', 5000, $$asset, seconds@'ASSET' || i % 50, 60$$, 50);
SELECT pg_temp.fill('m_venue_asset_1m', 20000, $$venue, asset, seconds@'venue' || i % 4, 'ASSET' || i / 4 % 50, 60$$, 200);
SELECT pg_temp.fill('m_scenario_1m', 20000, $$venue, asset, scenario, evaluations@'venue' || i % 5, 'ASSET' || i / 10 % 50, 'flow', 12$$, 500);
SELECT pg_temp.fill('m_group_asset_side_1m', 20000, $$grp, asset, side, evaluations@'venue' || i % 4, 'ASSET' || i / 8 % 50, 'long', 12$$, 400);
WITH x (tbl, per_day_calm, per_day_hot, n) AS (VALUES ('m_asset', 50*8640, 50*86400, 5000), ('m_venue_asset', 200*8640, 200*86400, 20000),
 ('m_scenario', 500*8640, 500*17280, 20000), ('m_group_asset_side', 400*8640, 400*17280, 20000),
 ('m_asset_1m', 50*1440, 50*1440, 5000), ('m_venue_asset_1m', 200*1440, 200*1440, 20000), ('m_scenario_1m', 500*1440, 500*1440, 20000), ('m_group_asset_side_1m', 400*1440, 400*1440, 20000)),
y AS (SELECT tbl, per_day_calm, per_day_hot, (SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = ('cascade_risk.' || tbl)::regclass)::float8 / n AS b FROM x)
SELECT tbl, round(b) AS bytes_row, round(b * per_day_calm / 1e6) AS calm_mb_day, round(b * per_day_hot / 1e6) AS hot_mb_day FROM y
UNION ALL SELECT 'all', NULL, round(sum(b * per_day_calm) / 1e6), round(sum(b * per_day_hot) / 1e6) FROM y
UNION ALL SELECT 'rollups', NULL, round(sum(b * per_day_calm) / 1e6), round(sum(b * per_day_hot) / 1e6) FROM y WHERE tbl LIKE '%\_1m';
