-- One-minute rollups of the metric tables, made by the daemon from every second it ran, and kept longer
-- than what they are made of: partitions of a month, a retention of their own. v_asset_1m reads them.
SET LOCAL ROLE cascaded_owner;

CREATE TABLE cascade_risk.m_asset_1m (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    asset text NOT NULL,
    seconds integer NOT NULL,
    px_open_usd double precision,
    basis_mean_bps double precision
) PARTITION BY RANGE (t);
CREATE INDEX m_asset_1m_t ON cascade_risk.m_asset_1m USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX m_asset_1m_key ON cascade_risk.m_asset_1m (asset, t);
COMMENT ON TABLE cascade_risk.m_asset_1m IS 'm_asset by the minute: of each metric the last known value, and the lowest and highest of the minute''s seconds; NULL = never known in it';
COMMENT ON COLUMN cascade_risk.m_asset_1m.t IS 'UTC: start of the minute, engine time';
COMMENT ON COLUMN cascade_risk.m_asset_1m.run_id IS 'id: run; a minute in which the daemon was restarted has a row of each run';
COMMENT ON COLUMN cascade_risk.m_asset_1m.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.m_asset_1m.seconds IS 's: seconds of the minute that are in it; 60 = all';
COMMENT ON COLUMN cascade_risk.m_asset_1m.px_open_usd IS 'USD: first known px_fair_usd of the minute';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_mean_bps IS 'bps: mean of basis_bps over the seconds at which it was known';

CREATE TABLE cascade_risk.m_venue_asset_1m (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    seconds integer NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_venue_asset_1m_t ON cascade_risk.m_venue_asset_1m USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX m_venue_asset_1m_key ON cascade_risk.m_venue_asset_1m (asset, venue, t);
COMMENT ON TABLE cascade_risk.m_venue_asset_1m IS 'm_venue_asset by the minute, as m_asset_1m';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.t IS 'UTC: start of the minute, engine time';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.run_id IS 'id: run; a minute in which the daemon was restarted has a row of each run';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.seconds IS 's: seconds of the minute that are in it; 60 = all';

CREATE TABLE cascade_risk.m_scenario_1m (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    scenario text NOT NULL,
    evaluations integer NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_scenario_1m_t ON cascade_risk.m_scenario_1m USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX m_scenario_1m_key ON cascade_risk.m_scenario_1m (asset, scenario, venue, t);
COMMENT ON TABLE cascade_risk.m_scenario_1m IS 'm_scenario by the minute: last known value, lowest and highest of the evaluations in it, one each 5 s; modelled, uncalibrated';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.t IS 'UTC: start of the minute, engine time';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.run_id IS 'id: run; a minute in which the daemon was restarted has a row of each run';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.venue IS 'text: venue; empty = all venues pooled';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.scenario IS 'text: flow or news';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.evaluations IS 'count: evaluations in the minute; 12 = all';

CREATE TABLE cascade_risk.m_group_asset_side_1m (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    grp text NOT NULL,
    asset text NOT NULL,
    side text NOT NULL,
    evaluations integer NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_group_asset_side_1m_t ON cascade_risk.m_group_asset_side_1m USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX m_group_asset_side_1m_key ON cascade_risk.m_group_asset_side_1m (asset, grp, side, t);
COMMENT ON TABLE cascade_risk.m_group_asset_side_1m IS 'm_group_asset_side by the minute, as m_scenario_1m; modelled, uncalibrated';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.t IS 'UTC: start of the minute, engine time';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.run_id IS 'id: run; a minute in which the daemon was restarted has a row of each run';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.grp IS 'text: group of venues; for now a group is a venue and has its name';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.side IS 'text: long or short';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.evaluations IS 'count: evaluations in the minute; 12 = all';

-- Metric columns, as `cascaded --schema-delta` printed them from the metric tables.
ALTER TABLE cascade_risk.m_asset_1m
    ADD COLUMN IF NOT EXISTS oi_usd double precision,
    ADD COLUMN IF NOT EXISTS oi_usd_min double precision,
    ADD COLUMN IF NOT EXISTS oi_usd_max double precision,
    ADD COLUMN IF NOT EXISTS oi_base double precision,
    ADD COLUMN IF NOT EXISTS oi_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_hhi double precision,
    ADD COLUMN IF NOT EXISTS oi_hhi_min double precision,
    ADD COLUMN IF NOT EXISTS oi_hhi_max double precision,
    ADD COLUMN IF NOT EXISTS oi_neff double precision,
    ADD COLUMN IF NOT EXISTS oi_neff_min double precision,
    ADD COLUMN IF NOT EXISTS oi_neff_max double precision,
    ADD COLUMN IF NOT EXISTS oi_cr3 double precision,
    ADD COLUMN IF NOT EXISTS oi_cr3_min double precision,
    ADD COLUMN IF NOT EXISTS oi_cr3_max double precision,
    ADD COLUMN IF NOT EXISTS oi_cov_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_cov_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_cov_frac_max double precision,
    ADD COLUMN IF NOT EXISTS fund_oiw_8h double precision,
    ADD COLUMN IF NOT EXISTS fund_oiw_8h_min double precision,
    ADD COLUMN IF NOT EXISTS fund_oiw_8h_max double precision,
    ADD COLUMN IF NOT EXISTS fund_ann_frac double precision,
    ADD COLUMN IF NOT EXISTS fund_ann_frac_min double precision,
    ADD COLUMN IF NOT EXISTS fund_ann_frac_max double precision,
    ADD COLUMN IF NOT EXISTS fund_disp_8h double precision,
    ADD COLUMN IF NOT EXISTS fund_disp_8h_min double precision,
    ADD COLUMN IF NOT EXISTS fund_disp_8h_max double precision,
    ADD COLUMN IF NOT EXISTS basis_bps double precision,
    ADD COLUMN IF NOT EXISTS basis_bps_min double precision,
    ADD COLUMN IF NOT EXISTS basis_bps_max double precision,
    ADD COLUMN IF NOT EXISTS basis_disp_bps double precision,
    ADD COLUMN IF NOT EXISTS basis_disp_bps_min double precision,
    ADD COLUMN IF NOT EXISTS basis_disp_bps_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1m_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1m_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1m_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1m_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_oi_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_oi_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_oi_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1h_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1h_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1h_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1h_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1h_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1h_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_cov_venues double precision,
    ADD COLUMN IF NOT EXISTS liq_cov_venues_min double precision,
    ADD COLUMN IF NOT EXISTS liq_cov_venues_max double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_bid_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_bid_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_bid_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_bid_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_bid_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_bid_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_ask_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_ask_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_ask_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_ask_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_ask_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_ask_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_rel_frac double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_rel_frac_min double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_rel_frac_max double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_frac double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_frac_min double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_frac_max double precision,
    ADD COLUMN IF NOT EXISTS px_fair_usd double precision,
    ADD COLUMN IF NOT EXISTS px_fair_usd_min double precision,
    ADD COLUMN IF NOT EXISTS px_fair_usd_max double precision,
    ADD COLUMN IF NOT EXISTS px_fair_venues double precision,
    ADD COLUMN IF NOT EXISTS px_fair_venues_min double precision,
    ADD COLUMN IF NOT EXISTS px_fair_venues_max double precision,
    ADD COLUMN IF NOT EXISTS exit_ratio_100bps double precision,
    ADD COLUMN IF NOT EXISTS exit_ratio_100bps_min double precision,
    ADD COLUMN IF NOT EXISTS exit_ratio_100bps_max double precision,
    ADD COLUMN IF NOT EXISTS oi_adv_days double precision,
    ADD COLUMN IF NOT EXISTS oi_adv_days_min double precision,
    ADD COLUMN IF NOT EXISTS oi_adv_days_max double precision,
    ADD COLUMN IF NOT EXISTS depth_hhi double precision,
    ADD COLUMN IF NOT EXISTS depth_hhi_min double precision,
    ADD COLUMN IF NOT EXISTS depth_hhi_max double precision,
    ADD COLUMN IF NOT EXISTS hhi_gap double precision,
    ADD COLUMN IF NOT EXISTS hhi_gap_min double precision,
    ADD COLUMN IF NOT EXISTS hhi_gap_max double precision,
    ADD COLUMN IF NOT EXISTS liq_hhi double precision,
    ADD COLUMN IF NOT EXISTS liq_hhi_min double precision,
    ADD COLUMN IF NOT EXISTS liq_hhi_max double precision,
    ADD COLUMN IF NOT EXISTS long_account_frac double precision,
    ADD COLUMN IF NOT EXISTS long_account_frac_min double precision,
    ADD COLUMN IF NOT EXISTS long_account_frac_max double precision,
    ADD COLUMN IF NOT EXISTS short_long_size_ratio double precision,
    ADD COLUMN IF NOT EXISTS short_long_size_ratio_min double precision,
    ADD COLUMN IF NOT EXISTS short_long_size_ratio_max double precision,
    ADD COLUMN IF NOT EXISTS peg_wrapped_dev_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_wrapped_dev_bps_min double precision,
    ADD COLUMN IF NOT EXISTS peg_wrapped_dev_bps_max double precision,
    ADD COLUMN IF NOT EXISTS fund_z double precision,
    ADD COLUMN IF NOT EXISTS fund_z_min double precision,
    ADD COLUMN IF NOT EXISTS fund_z_max double precision,
    ADD COLUMN IF NOT EXISTS basis_z double precision,
    ADD COLUMN IF NOT EXISTS basis_z_min double precision,
    ADD COLUMN IF NOT EXISTS basis_z_max double precision,
    ADD COLUMN IF NOT EXISTS lsr_logit_z double precision,
    ADD COLUMN IF NOT EXISTS lsr_logit_z_min double precision,
    ADD COLUMN IF NOT EXISTS lsr_logit_z_max double precision,
    ADD COLUMN IF NOT EXISTS crowding double precision,
    ADD COLUMN IF NOT EXISTS crowding_min double precision,
    ADD COLUMN IF NOT EXISTS crowding_max double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_5m double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_5m_min double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_5m_max double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_5m double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_5m_min double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_5m_max double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_5m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_5m_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_5m_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_1h double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_1h_min double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_1h_max double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_1h double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_1h_min double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_1h_max double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_1h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_1h_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_1h_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_24h double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_24h_min double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_24h_max double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_24h double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_24h_min double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_24h_max double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_24h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_24h_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_24h_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_drawdown_30d_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_drawdown_30d_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_drawdown_30d_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_peak_age_days double precision,
    ADD COLUMN IF NOT EXISTS oi_peak_age_days_min double precision,
    ADD COLUMN IF NOT EXISTS oi_peak_age_days_max double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_q99_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_q99_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_q99_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_dn_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_dn_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_up_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_up_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_dn double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_up double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_share_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_share_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_share_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_share_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_share_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_share_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_state double precision,
    ADD COLUMN IF NOT EXISTS casc_state_min double precision,
    ADD COLUMN IF NOT EXISTS casc_state_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_rel_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS r_mech_rel_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_rel_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_rel_up_frac double precision,
    ADD COLUMN IF NOT EXISTS r_mech_rel_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_rel_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_first_rel_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_first_rel_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_first_rel_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_first_rel_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_first_rel_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_first_rel_up_frac_max double precision;
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_usd IS 'USD: Last known value in the minute; see m_asset.oi_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_usd_min IS 'USD: Lowest value in the minute; see m_asset.oi_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_usd_max IS 'USD: Highest value in the minute; see m_asset.oi_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_base IS 'base: Last known value in the minute; see m_asset.oi_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_base_min IS 'base: Lowest value in the minute; see m_asset.oi_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_base_max IS 'base: Highest value in the minute; see m_asset.oi_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1m_base IS 'base: Last known value in the minute; see m_asset.oi_chg_1m_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1m_base_min IS 'base: Lowest value in the minute; see m_asset.oi_chg_1m_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1m_base_max IS 'base: Highest value in the minute; see m_asset.oi_chg_1m_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_5m_base IS 'base: Last known value in the minute; see m_asset.oi_chg_5m_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_5m_base_min IS 'base: Lowest value in the minute; see m_asset.oi_chg_5m_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_5m_base_max IS 'base: Highest value in the minute; see m_asset.oi_chg_5m_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1h_base IS 'base: Last known value in the minute; see m_asset.oi_chg_1h_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1h_base_min IS 'base: Lowest value in the minute; see m_asset.oi_chg_1h_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1h_base_max IS 'base: Highest value in the minute; see m_asset.oi_chg_1h_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_24h_base IS 'base: Last known value in the minute; see m_asset.oi_chg_24h_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_24h_base_min IS 'base: Lowest value in the minute; see m_asset.oi_chg_24h_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_24h_base_max IS 'base: Highest value in the minute; see m_asset.oi_chg_24h_base';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1m_frac IS 'frac: Last known value in the minute; see m_asset.oi_chg_1m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1m_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_chg_1m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1m_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_chg_1m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_5m_frac IS 'frac: Last known value in the minute; see m_asset.oi_chg_5m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_5m_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_chg_5m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_5m_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_chg_5m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1h_frac IS 'frac: Last known value in the minute; see m_asset.oi_chg_1h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1h_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_chg_1h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_1h_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_chg_1h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_24h_frac IS 'frac: Last known value in the minute; see m_asset.oi_chg_24h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_24h_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_chg_24h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_chg_24h_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_chg_24h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_hhi IS '1: Last known value in the minute; see m_asset.oi_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_hhi_min IS '1: Lowest value in the minute; see m_asset.oi_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_hhi_max IS '1: Highest value in the minute; see m_asset.oi_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_neff IS '1: Last known value in the minute; see m_asset.oi_neff';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_neff_min IS '1: Lowest value in the minute; see m_asset.oi_neff';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_neff_max IS '1: Highest value in the minute; see m_asset.oi_neff';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_cr3 IS 'frac: Last known value in the minute; see m_asset.oi_cr3';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_cr3_min IS 'frac: Lowest value in the minute; see m_asset.oi_cr3';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_cr3_max IS 'frac: Highest value in the minute; see m_asset.oi_cr3';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_cov_frac IS 'frac: Last known value in the minute; see m_asset.oi_cov_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_cov_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_cov_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_cov_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_cov_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_oiw_8h IS '1/8h: Last known value in the minute; see m_asset.fund_oiw_8h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_oiw_8h_min IS '1/8h: Lowest value in the minute; see m_asset.fund_oiw_8h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_oiw_8h_max IS '1/8h: Highest value in the minute; see m_asset.fund_oiw_8h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_ann_frac IS 'frac: Last known value in the minute; see m_asset.fund_ann_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_ann_frac_min IS 'frac: Lowest value in the minute; see m_asset.fund_ann_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_ann_frac_max IS 'frac: Highest value in the minute; see m_asset.fund_ann_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_disp_8h IS '1/8h: Last known value in the minute; see m_asset.fund_disp_8h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_disp_8h_min IS '1/8h: Lowest value in the minute; see m_asset.fund_disp_8h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_disp_8h_max IS '1/8h: Highest value in the minute; see m_asset.fund_disp_8h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_bps IS 'bps: Last known value in the minute; see m_asset.basis_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_bps_min IS 'bps: Lowest value in the minute; see m_asset.basis_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_bps_max IS 'bps: Highest value in the minute; see m_asset.basis_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_disp_bps IS 'bps: Last known value in the minute; see m_asset.basis_disp_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_disp_bps_min IS 'bps: Lowest value in the minute; see m_asset.basis_disp_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_disp_bps_max IS 'bps: Highest value in the minute; see m_asset.basis_disp_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_1m_usd IS 'USD: Last known value in the minute; see m_asset.liq_long_1m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_1m_usd_min IS 'USD: Lowest value in the minute; see m_asset.liq_long_1m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_1m_usd_max IS 'USD: Highest value in the minute; see m_asset.liq_long_1m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_1m_usd IS 'USD: Last known value in the minute; see m_asset.liq_short_1m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_1m_usd_min IS 'USD: Lowest value in the minute; see m_asset.liq_short_1m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_1m_usd_max IS 'USD: Highest value in the minute; see m_asset.liq_short_1m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_1m_oi_frac IS 'frac: Last known value in the minute; see m_asset.liq_1m_oi_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_1m_oi_frac_min IS 'frac: Lowest value in the minute; see m_asset.liq_1m_oi_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_1m_oi_frac_max IS 'frac: Highest value in the minute; see m_asset.liq_1m_oi_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_5m_usd IS 'USD: Last known value in the minute; see m_asset.liq_long_5m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_5m_usd_min IS 'USD: Lowest value in the minute; see m_asset.liq_long_5m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_5m_usd_max IS 'USD: Highest value in the minute; see m_asset.liq_long_5m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_5m_usd IS 'USD: Last known value in the minute; see m_asset.liq_short_5m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_5m_usd_min IS 'USD: Lowest value in the minute; see m_asset.liq_short_5m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_5m_usd_max IS 'USD: Highest value in the minute; see m_asset.liq_short_5m_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_1h_usd IS 'USD: Last known value in the minute; see m_asset.liq_long_1h_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_1h_usd_min IS 'USD: Lowest value in the minute; see m_asset.liq_long_1h_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_long_1h_usd_max IS 'USD: Highest value in the minute; see m_asset.liq_long_1h_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_1h_usd IS 'USD: Last known value in the minute; see m_asset.liq_short_1h_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_1h_usd_min IS 'USD: Lowest value in the minute; see m_asset.liq_short_1h_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_short_1h_usd_max IS 'USD: Highest value in the minute; see m_asset.liq_short_1h_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_cov_venues IS '1: Last known value in the minute; see m_asset.liq_cov_venues';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_cov_venues_min IS '1: Lowest value in the minute; see m_asset.liq_cov_venues';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_cov_venues_max IS '1: Highest value in the minute; see m_asset.liq_cov_venues';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_bid_usd IS 'USD: Last known value in the minute; see m_asset.depth_10bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_bid_usd_min IS 'USD: Lowest value in the minute; see m_asset.depth_10bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_bid_usd_max IS 'USD: Highest value in the minute; see m_asset.depth_10bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_50bps_bid_usd IS 'USD: Last known value in the minute; see m_asset.depth_50bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_50bps_bid_usd_min IS 'USD: Lowest value in the minute; see m_asset.depth_50bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_50bps_bid_usd_max IS 'USD: Highest value in the minute; see m_asset.depth_50bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_100bps_bid_usd IS 'USD: Last known value in the minute; see m_asset.depth_100bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_100bps_bid_usd_min IS 'USD: Lowest value in the minute; see m_asset.depth_100bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_100bps_bid_usd_max IS 'USD: Highest value in the minute; see m_asset.depth_100bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_ask_usd IS 'USD: Last known value in the minute; see m_asset.depth_10bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_ask_usd_min IS 'USD: Lowest value in the minute; see m_asset.depth_10bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_ask_usd_max IS 'USD: Highest value in the minute; see m_asset.depth_10bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_50bps_ask_usd IS 'USD: Last known value in the minute; see m_asset.depth_50bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_50bps_ask_usd_min IS 'USD: Lowest value in the minute; see m_asset.depth_50bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_50bps_ask_usd_max IS 'USD: Highest value in the minute; see m_asset.depth_50bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_100bps_ask_usd IS 'USD: Last known value in the minute; see m_asset.depth_100bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_100bps_ask_usd_min IS 'USD: Lowest value in the minute; see m_asset.depth_100bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_100bps_ask_usd_max IS 'USD: Highest value in the minute; see m_asset.depth_100bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_rel_frac IS 'frac: Last known value in the minute; see m_asset.depth_10bps_rel_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_rel_frac_min IS 'frac: Lowest value in the minute; see m_asset.depth_10bps_rel_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_10bps_rel_frac_max IS 'frac: Highest value in the minute; see m_asset.depth_10bps_rel_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_cov_frac IS 'frac: Last known value in the minute; see m_asset.depth_cov_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_cov_frac_min IS 'frac: Lowest value in the minute; see m_asset.depth_cov_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_cov_frac_max IS 'frac: Highest value in the minute; see m_asset.depth_cov_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.px_fair_usd IS 'USD: Last known value in the minute; see m_asset.px_fair_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.px_fair_usd_min IS 'USD: Lowest value in the minute; see m_asset.px_fair_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.px_fair_usd_max IS 'USD: Highest value in the minute; see m_asset.px_fair_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.px_fair_venues IS '1: Last known value in the minute; see m_asset.px_fair_venues';
COMMENT ON COLUMN cascade_risk.m_asset_1m.px_fair_venues_min IS '1: Lowest value in the minute; see m_asset.px_fair_venues';
COMMENT ON COLUMN cascade_risk.m_asset_1m.px_fair_venues_max IS '1: Highest value in the minute; see m_asset.px_fair_venues';
COMMENT ON COLUMN cascade_risk.m_asset_1m.exit_ratio_100bps IS '1: Last known value in the minute; see m_asset.exit_ratio_100bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.exit_ratio_100bps_min IS '1: Lowest value in the minute; see m_asset.exit_ratio_100bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.exit_ratio_100bps_max IS '1: Highest value in the minute; see m_asset.exit_ratio_100bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_adv_days IS 'day: Last known value in the minute; see m_asset.oi_adv_days';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_adv_days_min IS 'day: Lowest value in the minute; see m_asset.oi_adv_days';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_adv_days_max IS 'day: Highest value in the minute; see m_asset.oi_adv_days';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_hhi IS '1: Last known value in the minute; see m_asset.depth_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_hhi_min IS '1: Lowest value in the minute; see m_asset.depth_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.depth_hhi_max IS '1: Highest value in the minute; see m_asset.depth_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.hhi_gap IS '1: Last known value in the minute; see m_asset.hhi_gap';
COMMENT ON COLUMN cascade_risk.m_asset_1m.hhi_gap_min IS '1: Lowest value in the minute; see m_asset.hhi_gap';
COMMENT ON COLUMN cascade_risk.m_asset_1m.hhi_gap_max IS '1: Highest value in the minute; see m_asset.hhi_gap';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_hhi IS '1: Last known value in the minute; see m_asset.liq_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_hhi_min IS '1: Lowest value in the minute; see m_asset.liq_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_hhi_max IS '1: Highest value in the minute; see m_asset.liq_hhi';
COMMENT ON COLUMN cascade_risk.m_asset_1m.long_account_frac IS 'frac: Last known value in the minute; see m_asset.long_account_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.long_account_frac_min IS 'frac: Lowest value in the minute; see m_asset.long_account_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.long_account_frac_max IS 'frac: Highest value in the minute; see m_asset.long_account_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.short_long_size_ratio IS '1: Last known value in the minute; see m_asset.short_long_size_ratio';
COMMENT ON COLUMN cascade_risk.m_asset_1m.short_long_size_ratio_min IS '1: Lowest value in the minute; see m_asset.short_long_size_ratio';
COMMENT ON COLUMN cascade_risk.m_asset_1m.short_long_size_ratio_max IS '1: Highest value in the minute; see m_asset.short_long_size_ratio';
COMMENT ON COLUMN cascade_risk.m_asset_1m.peg_wrapped_dev_bps IS 'bps: Last known value in the minute; see m_asset.peg_wrapped_dev_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.peg_wrapped_dev_bps_min IS 'bps: Lowest value in the minute; see m_asset.peg_wrapped_dev_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.peg_wrapped_dev_bps_max IS 'bps: Highest value in the minute; see m_asset.peg_wrapped_dev_bps';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_z IS '1: Last known value in the minute; see m_asset.fund_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_z_min IS '1: Lowest value in the minute; see m_asset.fund_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.fund_z_max IS '1: Highest value in the minute; see m_asset.fund_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_z IS '1: Last known value in the minute; see m_asset.basis_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_z_min IS '1: Lowest value in the minute; see m_asset.basis_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.basis_z_max IS '1: Highest value in the minute; see m_asset.basis_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.lsr_logit_z IS '1: Last known value in the minute; see m_asset.lsr_logit_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.lsr_logit_z_min IS '1: Lowest value in the minute; see m_asset.lsr_logit_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.lsr_logit_z_max IS '1: Highest value in the minute; see m_asset.lsr_logit_z';
COMMENT ON COLUMN cascade_risk.m_asset_1m.crowding IS '1: Last known value in the minute; see m_asset.crowding';
COMMENT ON COLUMN cascade_risk.m_asset_1m.crowding_min IS '1: Lowest value in the minute; see m_asset.crowding';
COMMENT ON COLUMN cascade_risk.m_asset_1m.crowding_max IS '1: Highest value in the minute; see m_asset.crowding';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_5m IS '1: Last known value in the minute; see m_asset.oi_quadrant_5m';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_5m_min IS '1: Lowest value in the minute; see m_asset.oi_quadrant_5m';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_5m_max IS '1: Highest value in the minute; see m_asset.oi_quadrant_5m';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_5m IS '1: Last known value in the minute; see m_asset.oi_strength_5m';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_5m_min IS '1: Lowest value in the minute; see m_asset.oi_strength_5m';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_5m_max IS '1: Highest value in the minute; see m_asset.oi_strength_5m';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_5m_frac IS 'frac: Last known value in the minute; see m_asset.oi_forced_5m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_5m_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_forced_5m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_5m_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_forced_5m_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_1h IS '1: Last known value in the minute; see m_asset.oi_quadrant_1h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_1h_min IS '1: Lowest value in the minute; see m_asset.oi_quadrant_1h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_1h_max IS '1: Highest value in the minute; see m_asset.oi_quadrant_1h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_1h IS '1: Last known value in the minute; see m_asset.oi_strength_1h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_1h_min IS '1: Lowest value in the minute; see m_asset.oi_strength_1h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_1h_max IS '1: Highest value in the minute; see m_asset.oi_strength_1h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_1h_frac IS 'frac: Last known value in the minute; see m_asset.oi_forced_1h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_1h_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_forced_1h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_1h_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_forced_1h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_24h IS '1: Last known value in the minute; see m_asset.oi_quadrant_24h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_24h_min IS '1: Lowest value in the minute; see m_asset.oi_quadrant_24h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_quadrant_24h_max IS '1: Highest value in the minute; see m_asset.oi_quadrant_24h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_24h IS '1: Last known value in the minute; see m_asset.oi_strength_24h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_24h_min IS '1: Lowest value in the minute; see m_asset.oi_strength_24h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_strength_24h_max IS '1: Highest value in the minute; see m_asset.oi_strength_24h';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_24h_frac IS 'frac: Last known value in the minute; see m_asset.oi_forced_24h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_24h_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_forced_24h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_forced_24h_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_forced_24h_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_drawdown_30d_frac IS 'frac: Last known value in the minute; see m_asset.oi_drawdown_30d_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_drawdown_30d_frac_min IS 'frac: Lowest value in the minute; see m_asset.oi_drawdown_30d_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_drawdown_30d_frac_max IS 'frac: Highest value in the minute; see m_asset.oi_drawdown_30d_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_peak_age_days IS 'day: Last known value in the minute; see m_asset.oi_peak_age_days';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_peak_age_days_min IS 'day: Lowest value in the minute; see m_asset.oi_peak_age_days';
COMMENT ON COLUMN cascade_risk.m_asset_1m.oi_peak_age_days_max IS 'day: Highest value in the minute; see m_asset.oi_peak_age_days';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_1m_q99_usd IS 'USD: Last known value in the minute; see m_asset.liq_1m_q99_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_1m_q99_usd_min IS 'USD: Lowest value in the minute; see m_asset.liq_1m_q99_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.liq_1m_q99_usd_max IS 'USD: Highest value in the minute; see m_asset.liq_1m_q99_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_1pct_dn IS '1: Last known value in the minute; see m_asset.casc_amp_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_1pct_dn_min IS '1: Lowest value in the minute; see m_asset.casc_amp_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_1pct_dn_max IS '1: Highest value in the minute; see m_asset.casc_amp_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_1pct_up IS '1: Last known value in the minute; see m_asset.casc_amp_1pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_1pct_up_min IS '1: Lowest value in the minute; see m_asset.casc_amp_1pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_1pct_up_max IS '1: Highest value in the minute; see m_asset.casc_amp_1pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_5pct_dn IS '1: Last known value in the minute; see m_asset.casc_amp_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_5pct_dn_min IS '1: Lowest value in the minute; see m_asset.casc_amp_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_5pct_dn_max IS '1: Highest value in the minute; see m_asset.casc_amp_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_5pct_up IS '1: Last known value in the minute; see m_asset.casc_amp_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_5pct_up_min IS '1: Lowest value in the minute; see m_asset.casc_amp_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_amp_5pct_up_max IS '1: Highest value in the minute; see m_asset.casc_amp_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_final_5pct_dn_frac IS 'frac: Last known value in the minute; see m_asset.casc_final_5pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_final_5pct_dn_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_final_5pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_final_5pct_dn_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_final_5pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_final_5pct_up_frac IS 'frac: Last known value in the minute; see m_asset.casc_final_5pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_final_5pct_up_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_final_5pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_final_5pct_up_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_final_5pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_liq_5pct_dn_usd IS 'USD: Last known value in the minute; see m_asset.casc_liq_5pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_liq_5pct_dn_usd_min IS 'USD: Lowest value in the minute; see m_asset.casc_liq_5pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_liq_5pct_dn_usd_max IS 'USD: Highest value in the minute; see m_asset.casc_liq_5pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_liq_5pct_up_usd IS 'USD: Last known value in the minute; see m_asset.casc_liq_5pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_liq_5pct_up_usd_min IS 'USD: Lowest value in the minute; see m_asset.casc_liq_5pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_liq_5pct_up_usd_max IS 'USD: Highest value in the minute; see m_asset.casc_liq_5pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_crit_dn_frac IS 'frac: Last known value in the minute; see m_asset.casc_crit_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_crit_dn_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_crit_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_crit_dn_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_crit_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_crit_up_frac IS 'frac: Last known value in the minute; see m_asset.casc_crit_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_crit_up_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_crit_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_crit_up_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_crit_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_1pct_dn IS '1: Last known value in the minute; see m_asset.r_mech_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_1pct_dn_min IS '1: Lowest value in the minute; see m_asset.r_mech_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_1pct_dn_max IS '1: Highest value in the minute; see m_asset.r_mech_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_1pct_up IS '1: Last known value in the minute; see m_asset.r_mech_1pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_1pct_up_min IS '1: Lowest value in the minute; see m_asset.r_mech_1pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_1pct_up_max IS '1: Highest value in the minute; see m_asset.r_mech_1pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_5pct_dn IS '1: Last known value in the minute; see m_asset.r_mech_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_5pct_dn_min IS '1: Lowest value in the minute; see m_asset.r_mech_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_5pct_dn_max IS '1: Highest value in the minute; see m_asset.r_mech_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_5pct_up IS '1: Last known value in the minute; see m_asset.r_mech_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_5pct_up_min IS '1: Lowest value in the minute; see m_asset.r_mech_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_5pct_up_max IS '1: Highest value in the minute; see m_asset.r_mech_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_5pct_dn IS '1: Last known value in the minute; see m_asset.casc_first_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_5pct_dn_min IS '1: Lowest value in the minute; see m_asset.casc_first_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_5pct_dn_max IS '1: Highest value in the minute; see m_asset.casc_first_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_5pct_up IS '1: Last known value in the minute; see m_asset.casc_first_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_5pct_up_min IS '1: Lowest value in the minute; see m_asset.casc_first_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_5pct_up_max IS '1: Highest value in the minute; see m_asset.casc_first_5pct_up';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_cov_dn_frac IS 'frac: Last known value in the minute; see m_asset.casc_cov_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_cov_dn_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_cov_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_cov_dn_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_cov_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_cov_up_frac IS 'frac: Last known value in the minute; see m_asset.casc_cov_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_cov_up_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_cov_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_cov_up_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_cov_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_share_dn_frac IS 'frac: Last known value in the minute; see m_asset.casc_share_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_share_dn_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_share_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_share_dn_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_share_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_share_up_frac IS 'frac: Last known value in the minute; see m_asset.casc_share_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_share_up_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_share_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_share_up_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_share_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_state IS '1: Last known value in the minute; see m_asset.casc_state';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_state_min IS '1: Lowest value in the minute; see m_asset.casc_state';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_state_max IS '1: Highest value in the minute; see m_asset.casc_state';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_rel_dn_frac IS 'frac: Last known value in the minute; see m_asset.r_mech_rel_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_rel_dn_frac_min IS 'frac: Lowest value in the minute; see m_asset.r_mech_rel_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_rel_dn_frac_max IS 'frac: Highest value in the minute; see m_asset.r_mech_rel_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_rel_up_frac IS 'frac: Last known value in the minute; see m_asset.r_mech_rel_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_rel_up_frac_min IS 'frac: Lowest value in the minute; see m_asset.r_mech_rel_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.r_mech_rel_up_frac_max IS 'frac: Highest value in the minute; see m_asset.r_mech_rel_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_rel_dn_frac IS 'frac: Last known value in the minute; see m_asset.casc_first_rel_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_rel_dn_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_first_rel_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_rel_dn_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_first_rel_dn_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_rel_up_frac IS 'frac: Last known value in the minute; see m_asset.casc_first_rel_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_rel_up_frac_min IS 'frac: Lowest value in the minute; see m_asset.casc_first_rel_up_frac';
COMMENT ON COLUMN cascade_risk.m_asset_1m.casc_first_rel_up_frac_max IS 'frac: Highest value in the minute; see m_asset.casc_first_rel_up_frac';

ALTER TABLE cascade_risk.m_venue_asset_1m
    ADD COLUMN IF NOT EXISTS oi_usd double precision,
    ADD COLUMN IF NOT EXISTS oi_usd_min double precision,
    ADD COLUMN IF NOT EXISTS oi_usd_max double precision,
    ADD COLUMN IF NOT EXISTS oi_base double precision,
    ADD COLUMN IF NOT EXISTS oi_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_base_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_base_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_frac_max double precision,
    ADD COLUMN IF NOT EXISTS oi_share_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_share_frac_min double precision,
    ADD COLUMN IF NOT EXISTS oi_share_frac_max double precision,
    ADD COLUMN IF NOT EXISTS fund_8h double precision,
    ADD COLUMN IF NOT EXISTS fund_8h_min double precision,
    ADD COLUMN IF NOT EXISTS fund_8h_max double precision,
    ADD COLUMN IF NOT EXISTS fund_ann_frac double precision,
    ADD COLUMN IF NOT EXISTS fund_ann_frac_min double precision,
    ADD COLUMN IF NOT EXISTS fund_ann_frac_max double precision,
    ADD COLUMN IF NOT EXISTS fund_interval_h double precision,
    ADD COLUMN IF NOT EXISTS fund_interval_h_min double precision,
    ADD COLUMN IF NOT EXISTS fund_interval_h_max double precision,
    ADD COLUMN IF NOT EXISTS fund_next_s double precision,
    ADD COLUMN IF NOT EXISTS fund_next_s_min double precision,
    ADD COLUMN IF NOT EXISTS fund_next_s_max double precision,
    ADD COLUMN IF NOT EXISTS mark_px double precision,
    ADD COLUMN IF NOT EXISTS mark_px_min double precision,
    ADD COLUMN IF NOT EXISTS mark_px_max double precision,
    ADD COLUMN IF NOT EXISTS index_px double precision,
    ADD COLUMN IF NOT EXISTS index_px_min double precision,
    ADD COLUMN IF NOT EXISTS index_px_max double precision,
    ADD COLUMN IF NOT EXISTS basis_bps double precision,
    ADD COLUMN IF NOT EXISTS basis_bps_min double precision,
    ADD COLUMN IF NOT EXISTS basis_bps_max double precision,
    ADD COLUMN IF NOT EXISTS mark_move_10s_bps double precision,
    ADD COLUMN IF NOT EXISTS mark_move_10s_bps_min double precision,
    ADD COLUMN IF NOT EXISTS mark_move_10s_bps_max double precision,
    ADD COLUMN IF NOT EXISTS mark_move_60s_bps double precision,
    ADD COLUMN IF NOT EXISTS mark_move_60s_bps_min double precision,
    ADD COLUMN IF NOT EXISTS mark_move_60s_bps_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1m_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1m_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1m_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1m_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_oi_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_oi_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_oi_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1h_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1h_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1h_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1h_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1h_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1h_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_coverage double precision,
    ADD COLUMN IF NOT EXISTS liq_coverage_min double precision,
    ADD COLUMN IF NOT EXISTS liq_coverage_max double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_bid_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_bid_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_bid_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_bid_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_bid_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_bid_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_ask_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_ask_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_ask_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_ask_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_ask_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_ask_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_mean_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_mean_bid_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_mean_bid_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_mean_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_mean_ask_usd_min double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_mean_ask_usd_max double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_rel_frac double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_rel_frac_min double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_rel_frac_max double precision,
    ADD COLUMN IF NOT EXISTS bid_px double precision,
    ADD COLUMN IF NOT EXISTS bid_px_min double precision,
    ADD COLUMN IF NOT EXISTS bid_px_max double precision,
    ADD COLUMN IF NOT EXISTS ask_px double precision,
    ADD COLUMN IF NOT EXISTS ask_px_min double precision,
    ADD COLUMN IF NOT EXISTS ask_px_max double precision,
    ADD COLUMN IF NOT EXISTS mid_px double precision,
    ADD COLUMN IF NOT EXISTS mid_px_min double precision,
    ADD COLUMN IF NOT EXISTS mid_px_max double precision,
    ADD COLUMN IF NOT EXISTS spread_bps double precision,
    ADD COLUMN IF NOT EXISTS spread_bps_min double precision,
    ADD COLUMN IF NOT EXISTS spread_bps_max double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_bps_bid double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_bps_bid_min double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_bps_bid_max double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_bps_ask double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_bps_ask_min double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_bps_ask_max double precision,
    ADD COLUMN IF NOT EXISTS slip_sell_1m_bps double precision,
    ADD COLUMN IF NOT EXISTS slip_sell_1m_bps_min double precision,
    ADD COLUMN IF NOT EXISTS slip_sell_1m_bps_max double precision,
    ADD COLUMN IF NOT EXISTS slip_sell_10m_bps double precision,
    ADD COLUMN IF NOT EXISTS slip_sell_10m_bps_min double precision,
    ADD COLUMN IF NOT EXISTS slip_sell_10m_bps_max double precision,
    ADD COLUMN IF NOT EXISTS px_dev_bps double precision,
    ADD COLUMN IF NOT EXISTS px_dev_bps_min double precision,
    ADD COLUMN IF NOT EXISTS px_dev_bps_max double precision,
    ADD COLUMN IF NOT EXISTS liq_missing_n double precision,
    ADD COLUMN IF NOT EXISTS liq_missing_n_min double precision,
    ADD COLUMN IF NOT EXISTS liq_missing_n_max double precision,
    ADD COLUMN IF NOT EXISTS mark_trade_bps double precision,
    ADD COLUMN IF NOT EXISTS mark_trade_bps_min double precision,
    ADD COLUMN IF NOT EXISTS mark_trade_bps_max double precision,
    ADD COLUMN IF NOT EXISTS exit_ratio_100bps double precision,
    ADD COLUMN IF NOT EXISTS exit_ratio_100bps_min double precision,
    ADD COLUMN IF NOT EXISTS exit_ratio_100bps_max double precision,
    ADD COLUMN IF NOT EXISTS oi_adv_days double precision,
    ADD COLUMN IF NOT EXISTS oi_adv_days_min double precision,
    ADD COLUMN IF NOT EXISTS oi_adv_days_max double precision,
    ADD COLUMN IF NOT EXISTS liq_occupancy_10s_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_occupancy_10s_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liq_occupancy_10s_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liq_occupancy_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_occupancy_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liq_occupancy_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liq_saturated_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_saturated_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liq_saturated_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liq_throttle double precision,
    ADD COLUMN IF NOT EXISTS liq_throttle_min double precision,
    ADD COLUMN IF NOT EXISTS liq_throttle_max double precision,
    ADD COLUMN IF NOT EXISTS liq_min_gap_s double precision,
    ADD COLUMN IF NOT EXISTS liq_min_gap_s_min double precision,
    ADD COLUMN IF NOT EXISTS liq_min_gap_s_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_lo_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_lo_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_lo_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_hi_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_hi_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_hi_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_lo_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_lo_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_lo_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_hi_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_hi_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_hi_usd_max double precision,
    ADD COLUMN IF NOT EXISTS adl_fund_usd double precision,
    ADD COLUMN IF NOT EXISTS adl_fund_usd_min double precision,
    ADD COLUMN IF NOT EXISTS adl_fund_usd_max double precision,
    ADD COLUMN IF NOT EXISTS adl_fund_age_s double precision,
    ADD COLUMN IF NOT EXISTS adl_fund_age_s_min double precision,
    ADD COLUMN IF NOT EXISTS adl_fund_age_s_max double precision,
    ADD COLUMN IF NOT EXISTS adl_drawdown_frac double precision,
    ADD COLUMN IF NOT EXISTS adl_drawdown_frac_min double precision,
    ADD COLUMN IF NOT EXISTS adl_drawdown_frac_max double precision,
    ADD COLUMN IF NOT EXISTS adl_trigger_frac double precision,
    ADD COLUMN IF NOT EXISTS adl_trigger_frac_min double precision,
    ADD COLUMN IF NOT EXISTS adl_trigger_frac_max double precision,
    ADD COLUMN IF NOT EXISTS adl_dist_frac double precision,
    ADD COLUMN IF NOT EXISTS adl_dist_frac_min double precision,
    ADD COLUMN IF NOT EXISTS adl_dist_frac_max double precision,
    ADD COLUMN IF NOT EXISTS adl_state double precision,
    ADD COLUMN IF NOT EXISTS adl_state_min double precision,
    ADD COLUMN IF NOT EXISTS adl_state_max double precision,
    ADD COLUMN IF NOT EXISTS long_account_frac double precision,
    ADD COLUMN IF NOT EXISTS long_account_frac_min double precision,
    ADD COLUMN IF NOT EXISTS long_account_frac_max double precision,
    ADD COLUMN IF NOT EXISTS peg_quote_dev_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_quote_dev_bps_min double precision,
    ADD COLUMN IF NOT EXISTS peg_quote_dev_bps_max double precision,
    ADD COLUMN IF NOT EXISTS peg_wrapped_dev_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_wrapped_dev_bps_min double precision,
    ADD COLUMN IF NOT EXISTS peg_wrapped_dev_bps_max double precision;
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_usd IS 'USD: Last known value in the minute; see m_venue_asset.oi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.oi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.oi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_base IS 'base: Last known value in the minute; see m_venue_asset.oi_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_base_min IS 'base: Lowest value in the minute; see m_venue_asset.oi_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_base_max IS 'base: Highest value in the minute; see m_venue_asset.oi_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1m_base IS 'base: Last known value in the minute; see m_venue_asset.oi_chg_1m_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1m_base_min IS 'base: Lowest value in the minute; see m_venue_asset.oi_chg_1m_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1m_base_max IS 'base: Highest value in the minute; see m_venue_asset.oi_chg_1m_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_5m_base IS 'base: Last known value in the minute; see m_venue_asset.oi_chg_5m_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_5m_base_min IS 'base: Lowest value in the minute; see m_venue_asset.oi_chg_5m_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_5m_base_max IS 'base: Highest value in the minute; see m_venue_asset.oi_chg_5m_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1h_base IS 'base: Last known value in the minute; see m_venue_asset.oi_chg_1h_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1h_base_min IS 'base: Lowest value in the minute; see m_venue_asset.oi_chg_1h_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1h_base_max IS 'base: Highest value in the minute; see m_venue_asset.oi_chg_1h_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_24h_base IS 'base: Last known value in the minute; see m_venue_asset.oi_chg_24h_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_24h_base_min IS 'base: Lowest value in the minute; see m_venue_asset.oi_chg_24h_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_24h_base_max IS 'base: Highest value in the minute; see m_venue_asset.oi_chg_24h_base';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1m_frac IS 'frac: Last known value in the minute; see m_venue_asset.oi_chg_1m_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1m_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.oi_chg_1m_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1m_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.oi_chg_1m_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_5m_frac IS 'frac: Last known value in the minute; see m_venue_asset.oi_chg_5m_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_5m_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.oi_chg_5m_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_5m_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.oi_chg_5m_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1h_frac IS 'frac: Last known value in the minute; see m_venue_asset.oi_chg_1h_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1h_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.oi_chg_1h_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_1h_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.oi_chg_1h_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_24h_frac IS 'frac: Last known value in the minute; see m_venue_asset.oi_chg_24h_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_24h_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.oi_chg_24h_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_chg_24h_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.oi_chg_24h_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_share_frac IS 'frac: Last known value in the minute; see m_venue_asset.oi_share_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_share_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.oi_share_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_share_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.oi_share_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_8h IS '1/8h: Last known value in the minute; see m_venue_asset.fund_8h';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_8h_min IS '1/8h: Lowest value in the minute; see m_venue_asset.fund_8h';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_8h_max IS '1/8h: Highest value in the minute; see m_venue_asset.fund_8h';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_ann_frac IS 'frac: Last known value in the minute; see m_venue_asset.fund_ann_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_ann_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.fund_ann_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_ann_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.fund_ann_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_interval_h IS 'h: Last known value in the minute; see m_venue_asset.fund_interval_h';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_interval_h_min IS 'h: Lowest value in the minute; see m_venue_asset.fund_interval_h';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_interval_h_max IS 'h: Highest value in the minute; see m_venue_asset.fund_interval_h';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_next_s IS 's: Last known value in the minute; see m_venue_asset.fund_next_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_next_s_min IS 's: Lowest value in the minute; see m_venue_asset.fund_next_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.fund_next_s_max IS 's: Highest value in the minute; see m_venue_asset.fund_next_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_px IS 'USD: Last known value in the minute; see m_venue_asset.mark_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_px_min IS 'USD: Lowest value in the minute; see m_venue_asset.mark_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_px_max IS 'USD: Highest value in the minute; see m_venue_asset.mark_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.index_px IS 'USD: Last known value in the minute; see m_venue_asset.index_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.index_px_min IS 'USD: Lowest value in the minute; see m_venue_asset.index_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.index_px_max IS 'USD: Highest value in the minute; see m_venue_asset.index_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.basis_bps IS 'bps: Last known value in the minute; see m_venue_asset.basis_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.basis_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.basis_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.basis_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.basis_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_move_10s_bps IS 'bps: Last known value in the minute; see m_venue_asset.mark_move_10s_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_move_10s_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.mark_move_10s_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_move_10s_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.mark_move_10s_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_move_60s_bps IS 'bps: Last known value in the minute; see m_venue_asset.mark_move_60s_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_move_60s_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.mark_move_60s_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_move_60s_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.mark_move_60s_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_1m_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_long_1m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_1m_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_long_1m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_1m_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_long_1m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_1m_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_short_1m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_1m_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_short_1m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_1m_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_short_1m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_1m_oi_frac IS 'frac: Last known value in the minute; see m_venue_asset.liq_1m_oi_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_1m_oi_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.liq_1m_oi_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_1m_oi_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.liq_1m_oi_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_long_5m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_long_5m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_long_5m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_short_5m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_short_5m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_short_5m_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_1h_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_long_1h_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_1h_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_long_1h_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_1h_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_long_1h_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_1h_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_short_1h_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_1h_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_short_1h_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_1h_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_short_1h_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_coverage IS '1: Last known value in the minute; see m_venue_asset.liq_coverage';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_coverage_min IS '1: Lowest value in the minute; see m_venue_asset.liq_coverage';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_coverage_max IS '1: Highest value in the minute; see m_venue_asset.liq_coverage';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_bid_usd IS 'USD: Last known value in the minute; see m_venue_asset.depth_10bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_bid_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.depth_10bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_bid_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.depth_10bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_50bps_bid_usd IS 'USD: Last known value in the minute; see m_venue_asset.depth_50bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_50bps_bid_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.depth_50bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_50bps_bid_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.depth_50bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_100bps_bid_usd IS 'USD: Last known value in the minute; see m_venue_asset.depth_100bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_100bps_bid_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.depth_100bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_100bps_bid_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.depth_100bps_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_ask_usd IS 'USD: Last known value in the minute; see m_venue_asset.depth_10bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_ask_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.depth_10bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_ask_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.depth_10bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_50bps_ask_usd IS 'USD: Last known value in the minute; see m_venue_asset.depth_50bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_50bps_ask_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.depth_50bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_50bps_ask_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.depth_50bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_100bps_ask_usd IS 'USD: Last known value in the minute; see m_venue_asset.depth_100bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_100bps_ask_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.depth_100bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_100bps_ask_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.depth_100bps_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_mean_bid_usd IS 'USD: Last known value in the minute; see m_venue_asset.depth_10bps_mean_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_mean_bid_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.depth_10bps_mean_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_mean_bid_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.depth_10bps_mean_bid_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_mean_ask_usd IS 'USD: Last known value in the minute; see m_venue_asset.depth_10bps_mean_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_mean_ask_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.depth_10bps_mean_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_mean_ask_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.depth_10bps_mean_ask_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_rel_frac IS 'frac: Last known value in the minute; see m_venue_asset.depth_10bps_rel_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_rel_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.depth_10bps_rel_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_10bps_rel_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.depth_10bps_rel_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.bid_px IS 'USD: Last known value in the minute; see m_venue_asset.bid_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.bid_px_min IS 'USD: Lowest value in the minute; see m_venue_asset.bid_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.bid_px_max IS 'USD: Highest value in the minute; see m_venue_asset.bid_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.ask_px IS 'USD: Last known value in the minute; see m_venue_asset.ask_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.ask_px_min IS 'USD: Lowest value in the minute; see m_venue_asset.ask_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.ask_px_max IS 'USD: Highest value in the minute; see m_venue_asset.ask_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mid_px IS 'USD: Last known value in the minute; see m_venue_asset.mid_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mid_px_min IS 'USD: Lowest value in the minute; see m_venue_asset.mid_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mid_px_max IS 'USD: Highest value in the minute; see m_venue_asset.mid_px';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.spread_bps IS 'bps: Last known value in the minute; see m_venue_asset.spread_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.spread_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.spread_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.spread_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.spread_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_cov_bps_bid IS 'bps: Last known value in the minute; see m_venue_asset.depth_cov_bps_bid';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_cov_bps_bid_min IS 'bps: Lowest value in the minute; see m_venue_asset.depth_cov_bps_bid';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_cov_bps_bid_max IS 'bps: Highest value in the minute; see m_venue_asset.depth_cov_bps_bid';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_cov_bps_ask IS 'bps: Last known value in the minute; see m_venue_asset.depth_cov_bps_ask';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_cov_bps_ask_min IS 'bps: Lowest value in the minute; see m_venue_asset.depth_cov_bps_ask';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.depth_cov_bps_ask_max IS 'bps: Highest value in the minute; see m_venue_asset.depth_cov_bps_ask';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.slip_sell_1m_bps IS 'bps: Last known value in the minute; see m_venue_asset.slip_sell_1m_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.slip_sell_1m_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.slip_sell_1m_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.slip_sell_1m_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.slip_sell_1m_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.slip_sell_10m_bps IS 'bps: Last known value in the minute; see m_venue_asset.slip_sell_10m_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.slip_sell_10m_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.slip_sell_10m_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.slip_sell_10m_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.slip_sell_10m_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.px_dev_bps IS 'bps: Last known value in the minute; see m_venue_asset.px_dev_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.px_dev_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.px_dev_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.px_dev_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.px_dev_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_missing_n IS '1: Last known value in the minute; see m_venue_asset.liq_missing_n';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_missing_n_min IS '1: Lowest value in the minute; see m_venue_asset.liq_missing_n';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_missing_n_max IS '1: Highest value in the minute; see m_venue_asset.liq_missing_n';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_trade_bps IS 'bps: Last known value in the minute; see m_venue_asset.mark_trade_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_trade_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.mark_trade_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.mark_trade_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.mark_trade_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.exit_ratio_100bps IS '1: Last known value in the minute; see m_venue_asset.exit_ratio_100bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.exit_ratio_100bps_min IS '1: Lowest value in the minute; see m_venue_asset.exit_ratio_100bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.exit_ratio_100bps_max IS '1: Highest value in the minute; see m_venue_asset.exit_ratio_100bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_adv_days IS 'day: Last known value in the minute; see m_venue_asset.oi_adv_days';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_adv_days_min IS 'day: Lowest value in the minute; see m_venue_asset.oi_adv_days';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.oi_adv_days_max IS 'day: Highest value in the minute; see m_venue_asset.oi_adv_days';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_occupancy_10s_frac IS 'frac: Last known value in the minute; see m_venue_asset.liq_occupancy_10s_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_occupancy_10s_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.liq_occupancy_10s_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_occupancy_10s_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.liq_occupancy_10s_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_occupancy_frac IS 'frac: Last known value in the minute; see m_venue_asset.liq_occupancy_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_occupancy_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.liq_occupancy_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_occupancy_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.liq_occupancy_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_saturated_frac IS 'frac: Last known value in the minute; see m_venue_asset.liq_saturated_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_saturated_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.liq_saturated_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_saturated_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.liq_saturated_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_throttle IS '1: Last known value in the minute; see m_venue_asset.liq_throttle';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_throttle_min IS '1: Lowest value in the minute; see m_venue_asset.liq_throttle';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_throttle_max IS '1: Highest value in the minute; see m_venue_asset.liq_throttle';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_min_gap_s IS 's: Last known value in the minute; see m_venue_asset.liq_min_gap_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_min_gap_s_min IS 's: Lowest value in the minute; see m_venue_asset.liq_min_gap_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_min_gap_s_max IS 's: Highest value in the minute; see m_venue_asset.liq_min_gap_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_long_5m_est_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_long_5m_est_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_long_5m_est_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_lo_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_long_5m_est_lo_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_lo_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_long_5m_est_lo_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_lo_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_long_5m_est_lo_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_hi_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_long_5m_est_hi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_hi_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_long_5m_est_hi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_long_5m_est_hi_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_long_5m_est_hi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_short_5m_est_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_short_5m_est_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_short_5m_est_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_lo_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_short_5m_est_lo_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_lo_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_short_5m_est_lo_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_lo_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_short_5m_est_lo_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_hi_usd IS 'USD: Last known value in the minute; see m_venue_asset.liq_short_5m_est_hi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_hi_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.liq_short_5m_est_hi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.liq_short_5m_est_hi_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.liq_short_5m_est_hi_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_fund_usd IS 'USD: Last known value in the minute; see m_venue_asset.adl_fund_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_fund_usd_min IS 'USD: Lowest value in the minute; see m_venue_asset.adl_fund_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_fund_usd_max IS 'USD: Highest value in the minute; see m_venue_asset.adl_fund_usd';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_fund_age_s IS 's: Last known value in the minute; see m_venue_asset.adl_fund_age_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_fund_age_s_min IS 's: Lowest value in the minute; see m_venue_asset.adl_fund_age_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_fund_age_s_max IS 's: Highest value in the minute; see m_venue_asset.adl_fund_age_s';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_drawdown_frac IS 'frac: Last known value in the minute; see m_venue_asset.adl_drawdown_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_drawdown_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.adl_drawdown_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_drawdown_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.adl_drawdown_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_trigger_frac IS 'frac: Last known value in the minute; see m_venue_asset.adl_trigger_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_trigger_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.adl_trigger_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_trigger_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.adl_trigger_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_dist_frac IS 'frac: Last known value in the minute; see m_venue_asset.adl_dist_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_dist_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.adl_dist_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_dist_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.adl_dist_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_state IS '1: Last known value in the minute; see m_venue_asset.adl_state';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_state_min IS '1: Lowest value in the minute; see m_venue_asset.adl_state';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.adl_state_max IS '1: Highest value in the minute; see m_venue_asset.adl_state';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.long_account_frac IS 'frac: Last known value in the minute; see m_venue_asset.long_account_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.long_account_frac_min IS 'frac: Lowest value in the minute; see m_venue_asset.long_account_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.long_account_frac_max IS 'frac: Highest value in the minute; see m_venue_asset.long_account_frac';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.peg_quote_dev_bps IS 'bps: Last known value in the minute; see m_venue_asset.peg_quote_dev_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.peg_quote_dev_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.peg_quote_dev_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.peg_quote_dev_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.peg_quote_dev_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.peg_wrapped_dev_bps IS 'bps: Last known value in the minute; see m_venue_asset.peg_wrapped_dev_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.peg_wrapped_dev_bps_min IS 'bps: Lowest value in the minute; see m_venue_asset.peg_wrapped_dev_bps';
COMMENT ON COLUMN cascade_risk.m_venue_asset_1m.peg_wrapped_dev_bps_max IS 'bps: Highest value in the minute; see m_venue_asset.peg_wrapped_dev_bps';

ALTER TABLE cascade_risk.m_scenario_1m
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_2pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_2pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_2pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_10pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_10pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_10pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_2pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_2pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_2pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_10pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_10pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_10pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_1pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_1pct_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_1pct_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_2pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_2pct_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_2pct_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_10pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_10pct_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_10pct_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_1pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_1pct_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_1pct_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_2pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_2pct_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_2pct_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_final_10pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_10pct_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_final_10pct_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_1pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_1pct_dn_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_1pct_dn_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_2pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_2pct_dn_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_2pct_dn_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_dn_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_dn_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_10pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_10pct_dn_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_10pct_dn_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_1pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_1pct_up_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_1pct_up_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_2pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_2pct_up_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_2pct_up_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_up_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_up_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_10pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_10pct_up_usd_min double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_10pct_up_usd_max double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_dn double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_up double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_dn_min double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_dn_max double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_up_min double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_up_max double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_meas_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_meas_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_meas_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_meas_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_meas_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_meas_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_share_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_share_dn_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_share_dn_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_share_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_share_up_frac_min double precision,
    ADD COLUMN IF NOT EXISTS casc_share_up_frac_max double precision,
    ADD COLUMN IF NOT EXISTS casc_state double precision,
    ADD COLUMN IF NOT EXISTS casc_state_min double precision,
    ADD COLUMN IF NOT EXISTS casc_state_max double precision;
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_1pct_dn IS '1: Last known value in the minute; see m_scenario.casc_amp_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_1pct_dn_min IS '1: Lowest value in the minute; see m_scenario.casc_amp_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_1pct_dn_max IS '1: Highest value in the minute; see m_scenario.casc_amp_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_2pct_dn IS '1: Last known value in the minute; see m_scenario.casc_amp_2pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_2pct_dn_min IS '1: Lowest value in the minute; see m_scenario.casc_amp_2pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_2pct_dn_max IS '1: Highest value in the minute; see m_scenario.casc_amp_2pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_5pct_dn IS '1: Last known value in the minute; see m_scenario.casc_amp_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_5pct_dn_min IS '1: Lowest value in the minute; see m_scenario.casc_amp_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_5pct_dn_max IS '1: Highest value in the minute; see m_scenario.casc_amp_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_10pct_dn IS '1: Last known value in the minute; see m_scenario.casc_amp_10pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_10pct_dn_min IS '1: Lowest value in the minute; see m_scenario.casc_amp_10pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_10pct_dn_max IS '1: Highest value in the minute; see m_scenario.casc_amp_10pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_1pct_up IS '1: Last known value in the minute; see m_scenario.casc_amp_1pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_1pct_up_min IS '1: Lowest value in the minute; see m_scenario.casc_amp_1pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_1pct_up_max IS '1: Highest value in the minute; see m_scenario.casc_amp_1pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_2pct_up IS '1: Last known value in the minute; see m_scenario.casc_amp_2pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_2pct_up_min IS '1: Lowest value in the minute; see m_scenario.casc_amp_2pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_2pct_up_max IS '1: Highest value in the minute; see m_scenario.casc_amp_2pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_5pct_up IS '1: Last known value in the minute; see m_scenario.casc_amp_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_5pct_up_min IS '1: Lowest value in the minute; see m_scenario.casc_amp_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_5pct_up_max IS '1: Highest value in the minute; see m_scenario.casc_amp_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_10pct_up IS '1: Last known value in the minute; see m_scenario.casc_amp_10pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_10pct_up_min IS '1: Lowest value in the minute; see m_scenario.casc_amp_10pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_amp_10pct_up_max IS '1: Highest value in the minute; see m_scenario.casc_amp_10pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_1pct_dn_frac IS 'frac: Last known value in the minute; see m_scenario.casc_final_1pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_1pct_dn_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_final_1pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_1pct_dn_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_final_1pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_2pct_dn_frac IS 'frac: Last known value in the minute; see m_scenario.casc_final_2pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_2pct_dn_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_final_2pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_2pct_dn_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_final_2pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_5pct_dn_frac IS 'frac: Last known value in the minute; see m_scenario.casc_final_5pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_5pct_dn_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_final_5pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_5pct_dn_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_final_5pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_10pct_dn_frac IS 'frac: Last known value in the minute; see m_scenario.casc_final_10pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_10pct_dn_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_final_10pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_10pct_dn_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_final_10pct_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_1pct_up_frac IS 'frac: Last known value in the minute; see m_scenario.casc_final_1pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_1pct_up_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_final_1pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_1pct_up_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_final_1pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_2pct_up_frac IS 'frac: Last known value in the minute; see m_scenario.casc_final_2pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_2pct_up_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_final_2pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_2pct_up_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_final_2pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_5pct_up_frac IS 'frac: Last known value in the minute; see m_scenario.casc_final_5pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_5pct_up_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_final_5pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_5pct_up_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_final_5pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_10pct_up_frac IS 'frac: Last known value in the minute; see m_scenario.casc_final_10pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_10pct_up_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_final_10pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_final_10pct_up_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_final_10pct_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_1pct_dn_usd IS 'USD: Last known value in the minute; see m_scenario.casc_liq_1pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_1pct_dn_usd_min IS 'USD: Lowest value in the minute; see m_scenario.casc_liq_1pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_1pct_dn_usd_max IS 'USD: Highest value in the minute; see m_scenario.casc_liq_1pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_2pct_dn_usd IS 'USD: Last known value in the minute; see m_scenario.casc_liq_2pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_2pct_dn_usd_min IS 'USD: Lowest value in the minute; see m_scenario.casc_liq_2pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_2pct_dn_usd_max IS 'USD: Highest value in the minute; see m_scenario.casc_liq_2pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_5pct_dn_usd IS 'USD: Last known value in the minute; see m_scenario.casc_liq_5pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_5pct_dn_usd_min IS 'USD: Lowest value in the minute; see m_scenario.casc_liq_5pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_5pct_dn_usd_max IS 'USD: Highest value in the minute; see m_scenario.casc_liq_5pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_10pct_dn_usd IS 'USD: Last known value in the minute; see m_scenario.casc_liq_10pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_10pct_dn_usd_min IS 'USD: Lowest value in the minute; see m_scenario.casc_liq_10pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_10pct_dn_usd_max IS 'USD: Highest value in the minute; see m_scenario.casc_liq_10pct_dn_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_1pct_up_usd IS 'USD: Last known value in the minute; see m_scenario.casc_liq_1pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_1pct_up_usd_min IS 'USD: Lowest value in the minute; see m_scenario.casc_liq_1pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_1pct_up_usd_max IS 'USD: Highest value in the minute; see m_scenario.casc_liq_1pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_2pct_up_usd IS 'USD: Last known value in the minute; see m_scenario.casc_liq_2pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_2pct_up_usd_min IS 'USD: Lowest value in the minute; see m_scenario.casc_liq_2pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_2pct_up_usd_max IS 'USD: Highest value in the minute; see m_scenario.casc_liq_2pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_5pct_up_usd IS 'USD: Last known value in the minute; see m_scenario.casc_liq_5pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_5pct_up_usd_min IS 'USD: Lowest value in the minute; see m_scenario.casc_liq_5pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_5pct_up_usd_max IS 'USD: Highest value in the minute; see m_scenario.casc_liq_5pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_10pct_up_usd IS 'USD: Last known value in the minute; see m_scenario.casc_liq_10pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_10pct_up_usd_min IS 'USD: Lowest value in the minute; see m_scenario.casc_liq_10pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_liq_10pct_up_usd_max IS 'USD: Highest value in the minute; see m_scenario.casc_liq_10pct_up_usd';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_crit_dn_frac IS 'frac: Last known value in the minute; see m_scenario.casc_crit_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_crit_dn_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_crit_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_crit_dn_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_crit_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_crit_up_frac IS 'frac: Last known value in the minute; see m_scenario.casc_crit_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_crit_up_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_crit_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_crit_up_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_crit_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_1pct_dn IS '1: Last known value in the minute; see m_scenario.r_mech_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_1pct_dn_min IS '1: Lowest value in the minute; see m_scenario.r_mech_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_1pct_dn_max IS '1: Highest value in the minute; see m_scenario.r_mech_1pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_1pct_up IS '1: Last known value in the minute; see m_scenario.r_mech_1pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_1pct_up_min IS '1: Lowest value in the minute; see m_scenario.r_mech_1pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_1pct_up_max IS '1: Highest value in the minute; see m_scenario.r_mech_1pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_5pct_dn IS '1: Last known value in the minute; see m_scenario.r_mech_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_5pct_dn_min IS '1: Lowest value in the minute; see m_scenario.r_mech_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_5pct_dn_max IS '1: Highest value in the minute; see m_scenario.r_mech_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_5pct_up IS '1: Last known value in the minute; see m_scenario.r_mech_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_5pct_up_min IS '1: Lowest value in the minute; see m_scenario.r_mech_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.r_mech_5pct_up_max IS '1: Highest value in the minute; see m_scenario.r_mech_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_first_5pct_dn IS '1: Last known value in the minute; see m_scenario.casc_first_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_first_5pct_dn_min IS '1: Lowest value in the minute; see m_scenario.casc_first_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_first_5pct_dn_max IS '1: Highest value in the minute; see m_scenario.casc_first_5pct_dn';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_first_5pct_up IS '1: Last known value in the minute; see m_scenario.casc_first_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_first_5pct_up_min IS '1: Lowest value in the minute; see m_scenario.casc_first_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_first_5pct_up_max IS '1: Highest value in the minute; see m_scenario.casc_first_5pct_up';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_cov_dn_frac IS 'frac: Last known value in the minute; see m_scenario.casc_cov_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_cov_dn_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_cov_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_cov_dn_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_cov_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_cov_up_frac IS 'frac: Last known value in the minute; see m_scenario.casc_cov_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_cov_up_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_cov_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_cov_up_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_cov_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_meas_dn_frac IS 'frac: Last known value in the minute; see m_scenario.casc_meas_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_meas_dn_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_meas_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_meas_dn_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_meas_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_meas_up_frac IS 'frac: Last known value in the minute; see m_scenario.casc_meas_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_meas_up_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_meas_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_meas_up_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_meas_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_share_dn_frac IS 'frac: Last known value in the minute; see m_scenario.casc_share_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_share_dn_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_share_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_share_dn_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_share_dn_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_share_up_frac IS 'frac: Last known value in the minute; see m_scenario.casc_share_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_share_up_frac_min IS 'frac: Lowest value in the minute; see m_scenario.casc_share_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_share_up_frac_max IS 'frac: Highest value in the minute; see m_scenario.casc_share_up_frac';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_state IS '1: Last known value in the minute; see m_scenario.casc_state';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_state_min IS '1: Lowest value in the minute; see m_scenario.casc_state';
COMMENT ON COLUMN cascade_risk.m_scenario_1m.casc_state_max IS '1: Highest value in the minute; see m_scenario.casc_state';

ALTER TABLE cascade_risk.m_group_asset_side_1m
    ADD COLUMN IF NOT EXISTS liqmap_cum_1pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_1pct_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_1pct_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_2pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_2pct_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_2pct_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_5pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_5pct_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_5pct_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_10pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_10pct_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_10pct_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_20pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_20pct_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_20pct_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_near_frac double precision,
    ADD COLUMN IF NOT EXISTS liqmap_near_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_near_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_near_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_near_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_near_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_top_frac double precision,
    ADD COLUMN IF NOT EXISTS liqmap_top_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_top_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_top_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_top_usd_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_top_usd_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_neff double precision,
    ADD COLUMN IF NOT EXISTS liqmap_neff_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_neff_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_asym_ln double precision,
    ADD COLUMN IF NOT EXISTS liqmap_asym_ln_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_asym_ln_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_flight_frac double precision,
    ADD COLUMN IF NOT EXISTS liqmap_flight_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_flight_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_seeded_frac double precision,
    ADD COLUMN IF NOT EXISTS liqmap_seeded_frac_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_seeded_frac_max double precision,
    ADD COLUMN IF NOT EXISTS liqmap_age_s double precision,
    ADD COLUMN IF NOT EXISTS liqmap_age_s_min double precision,
    ADD COLUMN IF NOT EXISTS liqmap_age_s_max double precision;
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_1pct_usd IS 'USD: Last known value in the minute; see m_group_asset_side.liqmap_cum_1pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_1pct_usd_min IS 'USD: Lowest value in the minute; see m_group_asset_side.liqmap_cum_1pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_1pct_usd_max IS 'USD: Highest value in the minute; see m_group_asset_side.liqmap_cum_1pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_2pct_usd IS 'USD: Last known value in the minute; see m_group_asset_side.liqmap_cum_2pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_2pct_usd_min IS 'USD: Lowest value in the minute; see m_group_asset_side.liqmap_cum_2pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_2pct_usd_max IS 'USD: Highest value in the minute; see m_group_asset_side.liqmap_cum_2pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_5pct_usd IS 'USD: Last known value in the minute; see m_group_asset_side.liqmap_cum_5pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_5pct_usd_min IS 'USD: Lowest value in the minute; see m_group_asset_side.liqmap_cum_5pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_5pct_usd_max IS 'USD: Highest value in the minute; see m_group_asset_side.liqmap_cum_5pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_10pct_usd IS 'USD: Last known value in the minute; see m_group_asset_side.liqmap_cum_10pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_10pct_usd_min IS 'USD: Lowest value in the minute; see m_group_asset_side.liqmap_cum_10pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_10pct_usd_max IS 'USD: Highest value in the minute; see m_group_asset_side.liqmap_cum_10pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_20pct_usd IS 'USD: Last known value in the minute; see m_group_asset_side.liqmap_cum_20pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_20pct_usd_min IS 'USD: Lowest value in the minute; see m_group_asset_side.liqmap_cum_20pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_cum_20pct_usd_max IS 'USD: Highest value in the minute; see m_group_asset_side.liqmap_cum_20pct_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_near_frac IS 'frac: Last known value in the minute; see m_group_asset_side.liqmap_near_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_near_frac_min IS 'frac: Lowest value in the minute; see m_group_asset_side.liqmap_near_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_near_frac_max IS 'frac: Highest value in the minute; see m_group_asset_side.liqmap_near_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_near_usd IS 'USD: Last known value in the minute; see m_group_asset_side.liqmap_near_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_near_usd_min IS 'USD: Lowest value in the minute; see m_group_asset_side.liqmap_near_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_near_usd_max IS 'USD: Highest value in the minute; see m_group_asset_side.liqmap_near_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_top_frac IS 'frac: Last known value in the minute; see m_group_asset_side.liqmap_top_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_top_frac_min IS 'frac: Lowest value in the minute; see m_group_asset_side.liqmap_top_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_top_frac_max IS 'frac: Highest value in the minute; see m_group_asset_side.liqmap_top_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_top_usd IS 'USD: Last known value in the minute; see m_group_asset_side.liqmap_top_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_top_usd_min IS 'USD: Lowest value in the minute; see m_group_asset_side.liqmap_top_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_top_usd_max IS 'USD: Highest value in the minute; see m_group_asset_side.liqmap_top_usd';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_neff IS '1: Last known value in the minute; see m_group_asset_side.liqmap_neff';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_neff_min IS '1: Lowest value in the minute; see m_group_asset_side.liqmap_neff';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_neff_max IS '1: Highest value in the minute; see m_group_asset_side.liqmap_neff';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_asym_ln IS '1: Last known value in the minute; see m_group_asset_side.liqmap_asym_ln';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_asym_ln_min IS '1: Lowest value in the minute; see m_group_asset_side.liqmap_asym_ln';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_asym_ln_max IS '1: Highest value in the minute; see m_group_asset_side.liqmap_asym_ln';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_flight_frac IS 'frac: Last known value in the minute; see m_group_asset_side.liqmap_flight_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_flight_frac_min IS 'frac: Lowest value in the minute; see m_group_asset_side.liqmap_flight_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_flight_frac_max IS 'frac: Highest value in the minute; see m_group_asset_side.liqmap_flight_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_seeded_frac IS 'frac: Last known value in the minute; see m_group_asset_side.liqmap_seeded_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_seeded_frac_min IS 'frac: Lowest value in the minute; see m_group_asset_side.liqmap_seeded_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_seeded_frac_max IS 'frac: Highest value in the minute; see m_group_asset_side.liqmap_seeded_frac';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_age_s IS 's: Last known value in the minute; see m_group_asset_side.liqmap_age_s';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_age_s_min IS 's: Lowest value in the minute; see m_group_asset_side.liqmap_age_s';
COMMENT ON COLUMN cascade_risk.m_group_asset_side_1m.liqmap_age_s_max IS 's: Highest value in the minute; see m_group_asset_side.liqmap_age_s';

-- Partitions of a day or a month --------------------------------------------------------------
ALTER TABLE cascade_risk.fact_table ADD COLUMN span text NOT NULL DEFAULT 'day' CHECK (span IN ('day', 'month'));
COMMENT ON TABLE cascade_risk.fact_table IS 'Tables that are partitioned by UTC day or month: what ensure_partitions, drop_partitions and drop_rollups work on';
COMMENT ON COLUMN cascade_risk.fact_table.span IS 'text: day, or month for the rollups';
INSERT INTO cascade_risk.fact_table (tbl, t_column, span) VALUES
    ('m_asset_1m', 't', 'month'), ('m_venue_asset_1m', 't', 'month'), ('m_scenario_1m', 't', 'month'),
    ('m_group_asset_side_1m', 't', 'month');
GRANT SELECT ON cascade_risk.m_asset_1m, cascade_risk.m_venue_asset_1m, cascade_risk.m_scenario_1m,
    cascade_risk.m_group_asset_side_1m TO cascaded_reader, cascaded_writer;
GRANT INSERT ON cascade_risk.m_asset_1m, cascade_risk.m_venue_asset_1m, cascade_risk.m_scenario_1m,
    cascade_risk.m_group_asset_side_1m TO cascaded_writer;

CREATE OR REPLACE FUNCTION cascade_risk.ensure_partitions(days_ahead integer, from_day date DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    f record;
    d timestamp;
    part text;
    made integer := 0;
    first_day date := coalesce(from_day, (now() AT TIME ZONE 'UTC')::date);
BEGIN
    IF days_ahead IS NULL OR days_ahead NOT BETWEEN 0 AND 400
       OR first_day NOT BETWEEN DATE '2015-01-01' AND DATE '2100-01-01' THEN
        RAISE EXCEPTION 'ensure_partitions: % days from % refused', days_ahead, first_day
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('cascade_risk.partitions'));
    FOR f IN SELECT tbl, t_column, span FROM cascade_risk.fact_table ORDER BY tbl LOOP
        FOR i IN 0 .. days_ahead LOOP
            d := date_trunc(f.span, (first_day + i)::timestamp);
            part := f.tbl || '_' || to_char(d, CASE f.span WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END);
            CONTINUE WHEN to_regclass(format('cascade_risk.%I', part)) IS NOT NULL;
            EXECUTE format('CREATE TABLE cascade_risk.%I (LIKE cascade_risk.%I INCLUDING ALL) WITH '
                           '(autovacuum_vacuum_insert_scale_factor = 0.05)', part, f.tbl);
            EXECUTE format('ALTER TABLE cascade_risk.%I ATTACH PARTITION cascade_risk.%I '
                           'FOR VALUES FROM (%L) TO (%L)', f.tbl, part,
                           d AT TIME ZONE 'UTC', (d + ('1 ' || f.span)::interval) AT TIME ZONE 'UTC');
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION cascade_risk.ensure_partitions IS
    'Makes the partitions of every fact table from from_day (default today, UTC) over days_ahead more days; returns how many were missing';

-- The months of rollups end in six digits, so drop_partitions passes them over.
CREATE FUNCTION cascade_risk.drop_rollups(keep_days integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    p record;
    dropped integer := 0;
    oldest text := to_char((now() AT TIME ZONE 'UTC')::date - keep_days, 'YYYYMM');
BEGIN
    IF keep_days IS NULL OR keep_days < 1 THEN
        RAISE EXCEPTION 'drop_rollups: keeping % days refused', keep_days
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR p IN SELECT c.relname FROM cascade_risk.fact_table f
             JOIN pg_inherits i ON i.inhparent = to_regclass(format('cascade_risk.%I', f.tbl))
             JOIN pg_class c ON c.oid = i.inhrelid
             WHERE f.span = 'month' AND c.relname ~ '_[0-9]{6}$' AND right(c.relname, 6) < oldest
             ORDER BY right(c.relname, 6), c.relname LOOP
        BEGIN
            EXECUTE format('DROP TABLE cascade_risk.%I', p.relname);
            dropped := dropped + 1;
        EXCEPTION WHEN lock_not_available THEN
            NULL; -- somebody reads it: the next call will
        END;
    END LOOP;
    RETURN dropped;
END $$;
COMMENT ON FUNCTION cascade_risk.drop_rollups IS
    'Drops the months of rollups whose last day is older than keep_days UTC days; returns how many';
COMMENT ON FUNCTION cascade_risk.drop_partitions IS
    'Drops the days of fact tables that are older than keep_days UTC days; returns how many';

-- A daemon that is killed takes the minute under way with it. Once a later run from the same spool writes, all that
-- will ever come of the earlier one has come: its last two minutes are then made from the rows that are stored.
CREATE FUNCTION cascade_risk.mend_rollups(max_age interval DEFAULT '3 days')
RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r record;
    f record;
    made bigint := 0;
    n bigint;
BEGIN
    FOR r IN SELECT u.run_id, date_trunc('minute', w.t_row, 'UTC') AS minute
             FROM cascade_risk.run u JOIN cascade_risk.write_position w ON w.run_id = u.run_id AND w.lane = 'bulk'
             WHERE u.ended IS NULL AND w.t_row > now() - max_age
             AND EXISTS (SELECT FROM cascade_risk.run o JOIN cascade_risk.write_position p ON p.run_id = o.run_id
                         WHERE o.run_id > u.run_id AND o.writer = u.writer AND o.node = u.node AND p.lane = 'bulk' AND p.rows > 0)
             ORDER BY u.run_id LOOP
        FOR f IN SELECT x.tbl, x.keys, x.counted, string_agg(', ' || quote_ident(c.attname), '' ORDER BY c.attnum)
                        || CASE x.tbl WHEN 'm_asset' THEN ', px_open_usd, basis_mean_bps' ELSE '' END AS cols,
                        string_agg(CASE WHEN c.attname LIKE '%\_min' AND b.attname <> c.attname THEN format(', min(m.%I)', b.attname)
                            WHEN c.attname LIKE '%\_max' AND b.attname <> c.attname THEN format(', max(m.%I)', b.attname)
                            ELSE format(', (array_agg(m.%1$I ORDER BY m.t DESC) FILTER (WHERE m.%1$I IS NOT NULL))[1]', b.attname) END, '' ORDER BY c.attnum)
                        || CASE x.tbl WHEN 'm_asset' THEN ', (array_agg(m.px_fair_usd ORDER BY m.t) FILTER (WHERE m.px_fair_usd IS NOT NULL))[1]'
                                                          ', avg(m.basis_bps)' ELSE '' END AS vals
                 FROM (VALUES ('m_asset', 'asset', 'seconds'), ('m_venue_asset', 'venue, asset', 'seconds'),
                              ('m_scenario', 'venue, asset, scenario', 'evaluations'),
                              ('m_group_asset_side', 'grp, asset, side', 'evaluations')) x (tbl, keys, counted)
                 JOIN pg_attribute b ON b.attrelid = format('cascade_risk.%I', x.tbl)::regclass AND b.attnum > 0
                     AND b.atttypid = 'float8'::regtype AND NOT b.attisdropped
                 JOIN pg_attribute c ON c.attrelid = format('cascade_risk.%I', x.tbl || '_1m')::regclass
                     AND c.attname IN (b.attname, b.attname || '_min', b.attname || '_max')
                 GROUP BY 1, 2, 3 LOOP
            EXECUTE format('INSERT INTO cascade_risk.%1$I (t, run_id, %2$s, %3$I%4$s) '
                           'SELECT date_trunc(''minute'', m.t, ''UTC''), m.run_id, %2$s, count(*)%5$s FROM cascade_risk.%6$I m '
                           'WHERE m.run_id = $1 AND m.t >= $2 AND m.t < $3 AND NOT EXISTS (SELECT FROM cascade_risk.%1$I d '
                           'WHERE d.run_id = $1 AND d.t = date_trunc(''minute'', m.t, ''UTC'') AND (%7$s) = (%8$s)) '
                           'GROUP BY date_trunc(''minute'', m.t, ''UTC''), m.run_id, %2$s ORDER BY 1',
                           f.tbl || '_1m', f.keys, f.counted, f.cols, f.vals, f.tbl, 'd.' || replace(f.keys, ', ', ', d.'), 'm.' || replace(f.keys, ', ', ', m.'))
                USING r.run_id, r.minute - interval '1 minute', r.minute + interval '1 minute';
            GET DIAGNOSTICS n = ROW_COUNT;
            made := made + n;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION cascade_risk.mend_rollups IS
    'Makes the rollup rows that runs of the last max_age lack because they were killed, from the rows they stored; returns how many';
REVOKE ALL ON FUNCTION cascade_risk.drop_rollups, cascade_risk.mend_rollups FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cascade_risk.drop_rollups, cascade_risk.mend_rollups TO cascaded_writer;

-- Minutes of an asset: of the rollup; where it has none (the minute under way, one in which the daemon
-- was killed, those of before the rollups), of the rows there are. A minute of several runs is put together.
CREATE OR REPLACE VIEW cascade_risk.v_asset_1m AS
SELECT r.t, r.asset, max(r.run_id) AS run_id, sum(r.seconds)::bigint AS rows,
       (array_agg(r.px_open_usd ORDER BY r.run_id) FILTER (WHERE r.px_open_usd IS NOT NULL))[1] AS px_open_usd,
       max(r.px_fair_usd_max) AS px_high_usd, min(r.px_fair_usd_min) AS px_low_usd,
       (array_agg(r.px_fair_usd ORDER BY r.run_id DESC) FILTER (WHERE r.px_fair_usd IS NOT NULL))[1] AS px_close_usd,
       (array_agg(r.oi_usd ORDER BY r.run_id DESC) FILTER (WHERE r.oi_usd IS NOT NULL))[1] AS oi_usd,
       (array_agg(r.oi_base ORDER BY r.run_id DESC) FILTER (WHERE r.oi_base IS NOT NULL))[1] AS oi_base,
       min(r.oi_cov_frac_min) AS oi_cov_min_frac,
       (array_agg(r.fund_oiw_8h ORDER BY r.run_id DESC) FILTER (WHERE r.fund_oiw_8h IS NOT NULL))[1] AS fund_oiw_8h,
       sum(r.basis_mean_bps * r.seconds) / sum(r.seconds) FILTER (WHERE r.basis_mean_bps IS NOT NULL) AS basis_mean_bps,
       (array_agg(r.liq_long_1m_usd ORDER BY r.run_id DESC))[1] AS liq_long_usd,
       (array_agg(r.liq_short_1m_usd ORDER BY r.run_id DESC))[1] AS liq_short_usd,
       min(r.depth_10bps_bid_usd_min) AS depth_10bps_bid_min_usd,
       min(r.depth_10bps_ask_usd_min) AS depth_10bps_ask_min_usd,
       min(r.depth_10bps_rel_frac_min) AS depth_10bps_rel_min_frac
FROM cascade_risk.m_asset_1m r
GROUP BY r.t, r.asset
UNION ALL
SELECT s.t, a.asset, w.run_id, w.rows, w.px_open_usd, w.px_high_usd, w.px_low_usd, w.px_close_usd,
       w.oi_usd, w.oi_base, w.oi_cov_min_frac, w.fund_oiw_8h, w.basis_mean_bps, w.liq_long_usd,
       w.liq_short_usd, w.depth_10bps_bid_min_usd, w.depth_10bps_ask_min_usd, w.depth_10bps_rel_min_frac
FROM cascade_risk.asset a
CROSS JOIN LATERAL (SELECT
    (SELECT x.t FROM cascade_risk.m_asset x WHERE x.asset = a.asset ORDER BY x.t LIMIT 1) AS first,
    (SELECT x.t FROM cascade_risk.m_asset x WHERE x.asset = a.asset ORDER BY x.t DESC LIMIT 1) AS last) e
CROSS JOIN LATERAL generate_series(date_trunc('minute', e.first, 'UTC'), e.last, interval '1 minute') s (t)
CROSS JOIN LATERAL (SELECT NOT EXISTS (
    SELECT FROM cascade_risk.m_asset_1m r WHERE r.asset = a.asset AND r.t = s.t) AS lacks) n
CROSS JOIN LATERAL (
    SELECT max(x.run_id) AS run_id, count(*) AS rows,
           (array_agg(x.px_fair_usd ORDER BY x.t) FILTER (WHERE x.px_fair_usd IS NOT NULL))[1] AS px_open_usd,
           max(x.px_fair_usd) AS px_high_usd, min(x.px_fair_usd) AS px_low_usd,
           (array_agg(x.px_fair_usd ORDER BY x.t DESC) FILTER (WHERE x.px_fair_usd IS NOT NULL))[1] AS px_close_usd,
           (array_agg(x.oi_usd ORDER BY x.t DESC) FILTER (WHERE x.oi_usd IS NOT NULL))[1] AS oi_usd,
           (array_agg(x.oi_base ORDER BY x.t DESC) FILTER (WHERE x.oi_base IS NOT NULL))[1] AS oi_base,
           min(x.oi_cov_frac) AS oi_cov_min_frac,
           (array_agg(x.fund_oiw_8h ORDER BY x.t DESC) FILTER (WHERE x.fund_oiw_8h IS NOT NULL))[1] AS fund_oiw_8h,
           avg(x.basis_bps) AS basis_mean_bps,
           (array_agg(x.liq_long_1m_usd ORDER BY x.t DESC))[1] AS liq_long_usd,
           (array_agg(x.liq_short_1m_usd ORDER BY x.t DESC))[1] AS liq_short_usd,
           min(x.depth_10bps_bid_usd) AS depth_10bps_bid_min_usd,
           min(x.depth_10bps_ask_usd) AS depth_10bps_ask_min_usd,
           min(x.depth_10bps_rel_frac) AS depth_10bps_rel_min_frac
    FROM cascade_risk.m_asset x
    WHERE x.asset = a.asset AND x.t >= s.t AND x.t < s.t + interval '1 minute'
    HAVING count(*) > 0) w
WHERE n.lacks;
COMMENT ON VIEW cascade_risk.v_asset_1m IS 'm_asset by the minute, from m_asset_1m where it has the minute, else from the rows; minutes without either are absent, NULL = unknown in the whole minute';
COMMENT ON COLUMN cascade_risk.v_asset_1m.rows IS 'count: seconds in it, 60 when complete; without a rollup, rows of m_asset in it';
COMMENT ON COLUMN cascade_risk.v_asset_1m.liq_long_usd IS 'USD: long positions liquidated, as last known in the minute for the 60 s before; a lower bound';
