-- Metrics and tables of four venues and of the models; metric columns as `cascaded --schema-delta`
-- printed them. Views over them are in the next file.
SET LOCAL ROLE cascaded_owner;

ALTER TABLE cascade_risk.m_venue_asset
    ADD COLUMN IF NOT EXISTS liq_missing_n double precision,
    ADD COLUMN IF NOT EXISTS mark_trade_bps double precision;
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_missing_n IS '1: Liquidation prints that the fall of open interest and the move of the price since the last print (5 minutes at most) make one expect, while none came. Chance alone gives e^-n. 0 soon after a print. (modelled)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.mark_trade_bps IS 'bps: Mark price of the primary instrument, mean of 10 seconds, over the venue''s own trades or mid price, whichever is nearer to it.';

ALTER TABLE cascade_risk.m_feed
    ADD COLUMN IF NOT EXISTS feed_poll_fails double precision,
    ADD COLUMN IF NOT EXISTS feed_rate_per_s double precision,
    ADD COLUMN IF NOT EXISTS feed_rate_usual_per_s double precision,
    ADD COLUMN IF NOT EXISTS feed_rate_z double precision,
    ADD COLUMN IF NOT EXISTS feed_unheard_frac double precision;
COMMENT ON COLUMN cascade_risk.m_feed.feed_poll_fails IS '1: Polls of this feed that failed in a row since the last answer; unknown for streams.';
COMMENT ON COLUMN cascade_risk.m_feed.feed_rate_per_s IS '1/s: Data per second of this stream in its last closed block: 30 seconds, or as long as some 40 data usually take, an hour at most.';
COMMENT ON COLUMN cascade_risk.m_feed.feed_rate_usual_per_s IS '1/s: What is usual: mean rate of the blocks before, over about an hour, outliers cut.';
COMMENT ON COLUMN cascade_risk.m_feed.feed_rate_z IS '1: Logarithm of the rate over the usual rate, in standard deviations of its own past (0.2 at least). Unknown for the first 20 blocks, for polls, and while the feed is silent.';
COMMENT ON COLUMN cascade_risk.m_feed.feed_unheard_frac IS 'frac: Time since the subscription was acknowledged without one datum ever, over the channel''s limit for the first one; 0 once it has spoken. Unknown where there is no such limit.';

ALTER TABLE cascade_risk.m_asset
    ADD COLUMN IF NOT EXISTS exit_ratio_100bps double precision,
    ADD COLUMN IF NOT EXISTS oi_adv_days double precision,
    ADD COLUMN IF NOT EXISTS depth_hhi double precision,
    ADD COLUMN IF NOT EXISTS hhi_gap double precision,
    ADD COLUMN IF NOT EXISTS liq_hhi double precision,
    ADD COLUMN IF NOT EXISTS long_account_frac double precision,
    ADD COLUMN IF NOT EXISTS short_long_size_ratio double precision,
    ADD COLUMN IF NOT EXISTS peg_wrapped_dev_bps double precision;
COMMENT ON COLUMN cascade_risk.m_asset.exit_ratio_100bps IS '1: 10 % of open interest over the depth within 100 bps, thinner side, over the venues where both are known; unknown when these have less than half the open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_adv_days IS 'day: Open interest over the volume of the last 24 hours, over the venues where both are known.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_hhi IS '1: Herfindahl-Hirschman index of depth within 50 bps (both sides) over the venues where it is known; unknown when these have less than half the open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.hhi_gap IS '1: oi_hhi minus depth_hhi over the same venues: positive = open interest is more concentrated than depth.';
COMMENT ON COLUMN cascade_risk.m_asset.liq_hhi IS '1: Herfindahl-Hirschman index of the liquidations shown within 24 hours, in base units, over the venues with a public feed, sampled and complete ones alike; unknown (no_oi) while none were. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.long_account_frac IS 'frac: Share of accounts that are net long, weighted by open interest over the venues that tell it.';
COMMENT ON COLUMN cascade_risk.m_asset.short_long_size_ratio IS '1: Average size of a short account over that of a long one: p / (1 - p) of the share p of long accounts. Says nothing about open interest, which is always half and half.';
COMMENT ON COLUMN cascade_risk.m_asset.peg_wrapped_dev_bps IS 'bps: Median over the venues of their peg_wrapped_dev_bps.';

ALTER TABLE cascade_risk.m_venue_asset
    ADD COLUMN IF NOT EXISTS exit_ratio_100bps double precision,
    ADD COLUMN IF NOT EXISTS oi_adv_days double precision,
    ADD COLUMN IF NOT EXISTS liq_occupancy_10s_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_occupancy_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_saturated_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_throttle double precision,
    ADD COLUMN IF NOT EXISTS liq_min_gap_s double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_lo_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_est_hi_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_lo_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_est_hi_usd double precision,
    ADD COLUMN IF NOT EXISTS adl_fund_usd double precision,
    ADD COLUMN IF NOT EXISTS adl_fund_age_s double precision,
    ADD COLUMN IF NOT EXISTS adl_drawdown_frac double precision,
    ADD COLUMN IF NOT EXISTS adl_trigger_frac double precision,
    ADD COLUMN IF NOT EXISTS adl_dist_frac double precision,
    ADD COLUMN IF NOT EXISTS adl_state double precision,
    ADD COLUMN IF NOT EXISTS long_account_frac double precision,
    ADD COLUMN IF NOT EXISTS peg_quote_dev_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_wrapped_dev_bps double precision;
COMMENT ON COLUMN cascade_risk.m_venue_asset.exit_ratio_100bps IS '1: 10 % of open interest over the depth within 100 bps, thinner side: above 1 that many do not get out within 1 %.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_adv_days IS 'day: Open interest over the volume of the last 24 hours: days of ordinary trading that it is.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_occupancy_10s_frac IS 'frac: Pushes of the liquidation feed over the last 10 s against one a second, busiest instrument: saturated from 0.8, where 1.6 a second hide behind it.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_occupancy_frac IS 'frac: The same over the last 5 minutes.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_saturated_frac IS 'frac: Share of the 10 s blocks of the last 5 minutes with an occupancy above 0.8.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_throttle IS '1: What the gaps between pushes show: 0 too few to tell, 1 one per fixed second, 2 dead time after each, 3 none.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_min_gap_s IS 's: Smallest gap between two pushes.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_long_5m_est_usd IS 'USD: Estimate of long liquidations over the last 5 minutes: what was shown in each 10 s, times the rate behind its occupancy. Biased low when they cluster within a second. (modelled)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_long_5m_est_lo_usd IS 'USD: Lower end of its 95 % interval; never below what was shown. (modelled)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_long_5m_est_hi_usd IS 'USD: Upper end of its 95 % interval, for the count: sizes of what was hidden are taken as those shown. Unknown (throttled) while saturated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_short_5m_est_usd IS 'USD: Estimate of short liquidations over the last 5 minutes: what was shown in each 10 s, times the rate behind its occupancy. Biased low when they cluster within a second. (modelled)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_short_5m_est_lo_usd IS 'USD: Lower end of its 95 % interval; never below what was shown. (modelled)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_short_5m_est_hi_usd IS 'USD: Upper end of its 95 % interval, for the count: sizes of what was hidden are taken as those shown. Unknown (throttled) while saturated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.adl_fund_usd IS 'USD: Balance of the insurance fund that covers the instrument; pools may be shared with other instruments.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.adl_fund_age_s IS 's: How old that balance is: some venues tell it once a day.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.adl_drawdown_frac IS 'frac: Drawdown of the fund from its peak of 8 hours, as the venue says; negative = it lost.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.adl_trigger_frac IS 'frac: Drawdown at which the venue starts auto-deleveraging.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.adl_dist_frac IS 'frac: (drawdown - trigger) / |trigger|: 1 = no drawdown, 0 = at the trigger, negative = beyond it.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.adl_state IS '1: 0 normal, 1 the venue warns or the drawdown is beyond its trigger, 2 auto-deleveraging.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.long_account_frac IS 'frac: Share of the accounts with a position that are net long, as the venue counts them, weighted by open interest over its instruments.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.peg_quote_dev_bps IS 'bps: The primary instrument''s quote coin against one dollar on this venue: the venue''s own price of the coin, else its index of the asset in dollars over its index in the coin.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.peg_wrapped_dev_bps IS 'bps: Wrapped coin of the asset against its underlying times the configured conversion ratio, on this venue; of several the one furthest off.';

ALTER TABLE cascade_risk.m_feed
    ADD COLUMN IF NOT EXISTS feed_skew_ms double precision,
    ADD COLUMN IF NOT EXISTS feed_skew_mad_ms double precision;
COMMENT ON COLUMN cascade_risk.m_feed.feed_skew_ms IS 'ms: Receipt minus the venue''s stamp, median over the channel''s last minute or so (at least 20 samples); negative = the venue''s clock is ahead of ours. In one row of the channel.';
COMMENT ON COLUMN cascade_risk.m_feed.feed_skew_mad_ms IS 'ms: Median absolute deviation of the same samples.';

ALTER TABLE cascade_risk.m_process
    ADD COLUMN IF NOT EXISTS peg_usdt_dev_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_usdt_local_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_usdc_dev_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_usdc_local_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_usde_dev_bps double precision,
    ADD COLUMN IF NOT EXISTS peg_usde_local_bps double precision;
COMMENT ON COLUMN cascade_risk.m_process.peg_usdt_dev_bps IS 'bps: Global peg: median over venues of what USDT is worth, against one dollar.';
COMMENT ON COLUMN cascade_risk.m_process.peg_usdt_local_bps IS 'bps: Local peg: USDT on the venue furthest from the median of the others, against it; at least two venues.';
COMMENT ON COLUMN cascade_risk.m_process.peg_usdc_dev_bps IS 'bps: Global peg: median over venues of what USDC is worth, against one dollar.';
COMMENT ON COLUMN cascade_risk.m_process.peg_usdc_local_bps IS 'bps: Local peg: USDC on the venue furthest from the median of the others, against it; at least two venues.';
COMMENT ON COLUMN cascade_risk.m_process.peg_usde_dev_bps IS 'bps: Global peg: median over venues of what USDe is worth, against one dollar.';
COMMENT ON COLUMN cascade_risk.m_process.peg_usde_local_bps IS 'bps: Local peg: USDe on the venue furthest from the median of the others, against it; at least two venues.';
-- What the cascade model finds, per venue, asset and scenario -----------------------------------
CREATE TABLE cascade_risk.m_scenario (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    scenario text NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_scenario_t ON cascade_risk.m_scenario USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX m_scenario_key ON cascade_risk.m_scenario (asset, scenario, venue, t);
COMMENT ON TABLE cascade_risk.m_scenario IS 'How far shocks run once liquidations feed on them, modelled and uncalibrated; NULL = unknown, metric_unknown says why, with the scenario in its channel';
COMMENT ON COLUMN cascade_risk.m_scenario.t IS 'UTC: engine time, a whole second; assets are evaluated in turn';
COMMENT ON COLUMN cascade_risk.m_scenario.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.m_scenario.venue IS 'text: venue; empty = all venues pooled, their books and masses summed';
COMMENT ON COLUMN cascade_risk.m_scenario.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.m_scenario.scenario IS 'text: flow (the shock eats the standing book) or news (the book re-quotes at the shocked price)';
COMMENT ON TABLE cascade_risk.metric_unknown IS 'Why a metric was NULL, one row for each span with the same reason; a change between off_grid and runaway, which take turns, is looked at once a minute';
COMMENT ON COLUMN cascade_risk.metric_unknown.channel IS 'text: channel; of m_scenario the scenario; empty = neither';
INSERT INTO cascade_risk.fact_table (tbl, t_column) VALUES ('m_scenario', 't');
GRANT SELECT ON cascade_risk.m_scenario TO cascaded_reader, cascaded_writer;
GRANT INSERT ON cascade_risk.m_scenario TO cascaded_writer;


ALTER TABLE cascade_risk.m_asset
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_up_frac double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_dn double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_up double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_share_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_share_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_state double precision,
    ADD COLUMN IF NOT EXISTS r_mech_rel_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS r_mech_rel_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_first_rel_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_first_rel_up_frac double precision;
COMMENT ON COLUMN cascade_risk.m_asset.casc_amp_1pct_dn IS '1: Amplification: how far a shock of 1 % runs with longs sold into the bids, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_amp_1pct_up IS '1: Amplification: how far a shock of 1 % runs with shorts bought back from the asks, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_amp_5pct_dn IS '1: Amplification: how far a shock of 5 % runs with longs sold into the bids, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_amp_5pct_up IS '1: Amplification: how far a shock of 5 % runs with shorts bought back from the asks, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_final_5pct_dn_frac IS 'frac: Distance from the mark at which a shock of 5 % ends with longs sold into the bids. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_final_5pct_up_frac IS 'frac: Distance from the mark at which a shock of 5 % ends with shorts bought back from the asks. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_liq_5pct_dn_usd IS 'USD: Notional liquidated until a shock of 5 % ends, longs sold into the bids, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_liq_5pct_up_usd IS 'USD: Notional liquidated until a shock of 5 % ends, shorts bought back from the asks, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_crit_dn_frac IS 'frac: Critical shock: the smallest that runs as far again as itself and at least 1 %, or runs away, longs sold into the bids; off_grid when no shock up to 25 % does. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_crit_up_frac IS 'frac: Critical shock: the smallest that runs as far again as itself and at least 1 %, or runs away, shorts bought back from the asks; off_grid when no shock up to 25 % does. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.r_mech_1pct_dn IS '1: Mechanical reproduction number: mass liquidated within 1 % of the mark over the book depth within 1 %, longs sold into the bids; at 1 and above it feeds itself. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.r_mech_1pct_up IS '1: Mechanical reproduction number: mass liquidated within 1 % of the mark over the book depth within 1 %, shorts bought back from the asks; at 1 and above it feeds itself. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.r_mech_5pct_dn IS '1: Mechanical reproduction number: mass liquidated within 5 % of the mark over the book depth within 5 %, longs sold into the bids; at 1 and above it feeds itself. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.r_mech_5pct_up IS '1: Mechanical reproduction number: mass liquidated within 5 % of the mark over the book depth within 5 %, shorts bought back from the asks; at 1 and above it feeds itself. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_first_5pct_dn IS '1: First-round amplification: how far a shock of 5 % and what is liquidated within it go, longs sold into the bids, before that sets off more, over the shock; finite where the whole runs away. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_first_5pct_up IS '1: First-round amplification: how far a shock of 5 % and what is liquidated within it go, shorts bought back from the asks, before that sets off more, over the shock; finite where the whole runs away. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_cov_dn_frac IS 'frac: How far from its mid the book was measured, bids, mean weighted by open interest; beyond it depth is continued with its mean density and only modelled. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_cov_up_frac IS 'frac: How far from its mid the book was measured, asks, mean weighted by open interest; beyond it depth is continued with its mean density and only modelled. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_share_dn_frac IS 'frac: Share of the last known open interest whose books and map are in here, bids. Below 0.5 it is unknown. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_share_up_frac IS 'frac: Share of the last known open interest whose books and map are in here, asks. Below 0.5 it is unknown. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_state IS '1: 0 contained: no critical shock up to 10 %; 1 there is one; 2 of at most 1 %, or r_mech_1pct is at least 1; 3 a shock of at most 10 % runs away. The worse direction. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.r_mech_rel_dn_frac IS 'frac: Mechanical reproduction number within 5 % over its own mean of the last 5 minutes (at least 4 evaluations of the same venues), longs sold into the bids, all venues pooled: says how fast it grows, whatever its level is worth. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.r_mech_rel_up_frac IS 'frac: Mechanical reproduction number within 5 % over its own mean of the last 5 minutes (at least 4 evaluations of the same venues), shorts bought back from the asks, all venues pooled: says how fast it grows, whatever its level is worth. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_first_rel_dn_frac IS 'frac: First-round amplification of a shock of 5 % over its own mean of the last 5 minutes (at least 4 evaluations of the same venues), longs sold into the bids, all venues pooled: says how fast it grows, whatever its level is worth. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_asset.casc_first_rel_up_frac IS 'frac: First-round amplification of a shock of 5 % over its own mean of the last 5 minutes (at least 4 evaluations of the same venues), shorts bought back from the asks, all venues pooled: says how fast it grows, whatever its level is worth. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
ALTER TABLE cascade_risk.m_scenario
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_2pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_10pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_1pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_2pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_amp_10pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_final_1pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_2pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_10pct_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_1pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_2pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_5pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_final_10pct_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_1pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_2pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_10pct_dn_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_1pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_2pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_5pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_liq_10pct_up_usd double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_crit_up_frac double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_dn double precision,
    ADD COLUMN IF NOT EXISTS r_mech_1pct_up double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS r_mech_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_dn double precision,
    ADD COLUMN IF NOT EXISTS casc_first_5pct_up double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_cov_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_meas_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_meas_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_share_dn_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_share_up_frac double precision,
    ADD COLUMN IF NOT EXISTS casc_state double precision;
COMMENT ON COLUMN cascade_risk.m_scenario.casc_amp_1pct_dn IS '1: Amplification: how far a shock of 1 % runs with longs sold into the bids, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_amp_2pct_dn IS '1: Amplification: how far a shock of 2 % runs with longs sold into the bids, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_amp_5pct_dn IS '1: Amplification: how far a shock of 5 % runs with longs sold into the bids, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_amp_10pct_dn IS '1: Amplification: how far a shock of 10 % runs with longs sold into the bids, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_amp_1pct_up IS '1: Amplification: how far a shock of 1 % runs with shorts bought back from the asks, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_amp_2pct_up IS '1: Amplification: how far a shock of 2 % runs with shorts bought back from the asks, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_amp_5pct_up IS '1: Amplification: how far a shock of 5 % runs with shorts bought back from the asks, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_amp_10pct_up IS '1: Amplification: how far a shock of 10 % runs with shorts bought back from the asks, over the shock itself; runaway and off_grid are unknown. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_final_1pct_dn_frac IS 'frac: Distance from the mark at which a shock of 1 % ends with longs sold into the bids. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_final_2pct_dn_frac IS 'frac: Distance from the mark at which a shock of 2 % ends with longs sold into the bids. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_final_5pct_dn_frac IS 'frac: Distance from the mark at which a shock of 5 % ends with longs sold into the bids. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_final_10pct_dn_frac IS 'frac: Distance from the mark at which a shock of 10 % ends with longs sold into the bids. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_final_1pct_up_frac IS 'frac: Distance from the mark at which a shock of 1 % ends with shorts bought back from the asks. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_final_2pct_up_frac IS 'frac: Distance from the mark at which a shock of 2 % ends with shorts bought back from the asks. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_final_5pct_up_frac IS 'frac: Distance from the mark at which a shock of 5 % ends with shorts bought back from the asks. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_final_10pct_up_frac IS 'frac: Distance from the mark at which a shock of 10 % ends with shorts bought back from the asks. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_liq_1pct_dn_usd IS 'USD: Notional liquidated until a shock of 1 % ends, longs sold into the bids, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_liq_2pct_dn_usd IS 'USD: Notional liquidated until a shock of 2 % ends, longs sold into the bids, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_liq_5pct_dn_usd IS 'USD: Notional liquidated until a shock of 5 % ends, longs sold into the bids, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_liq_10pct_dn_usd IS 'USD: Notional liquidated until a shock of 10 % ends, longs sold into the bids, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_liq_1pct_up_usd IS 'USD: Notional liquidated until a shock of 1 % ends, shorts bought back from the asks, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_liq_2pct_up_usd IS 'USD: Notional liquidated until a shock of 2 % ends, shorts bought back from the asks, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_liq_5pct_up_usd IS 'USD: Notional liquidated until a shock of 5 % ends, shorts bought back from the asks, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_liq_10pct_up_usd IS 'USD: Notional liquidated until a shock of 10 % ends, shorts bought back from the asks, each at its trigger price. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_crit_dn_frac IS 'frac: Critical shock: the smallest that runs as far again as itself and at least 1 %, or runs away, longs sold into the bids; off_grid when no shock up to 25 % does. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_crit_up_frac IS 'frac: Critical shock: the smallest that runs as far again as itself and at least 1 %, or runs away, shorts bought back from the asks; off_grid when no shock up to 25 % does. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.r_mech_1pct_dn IS '1: Mechanical reproduction number: mass liquidated within 1 % of the mark over the book depth within 1 %, longs sold into the bids; at 1 and above it feeds itself. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.r_mech_1pct_up IS '1: Mechanical reproduction number: mass liquidated within 1 % of the mark over the book depth within 1 %, shorts bought back from the asks; at 1 and above it feeds itself. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.r_mech_5pct_dn IS '1: Mechanical reproduction number: mass liquidated within 5 % of the mark over the book depth within 5 %, longs sold into the bids; at 1 and above it feeds itself. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.r_mech_5pct_up IS '1: Mechanical reproduction number: mass liquidated within 5 % of the mark over the book depth within 5 %, shorts bought back from the asks; at 1 and above it feeds itself. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_first_5pct_dn IS '1: First-round amplification: how far a shock of 5 % and what is liquidated within it go, longs sold into the bids, before that sets off more, over the shock; finite where the whole runs away. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_first_5pct_up IS '1: First-round amplification: how far a shock of 5 % and what is liquidated within it go, shorts bought back from the asks, before that sets off more, over the shock; finite where the whole runs away. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_cov_dn_frac IS 'frac: How far from its mid the book was measured, bids, mean weighted by open interest; beyond it depth is continued with its mean density and only modelled. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_cov_up_frac IS 'frac: How far from its mid the book was measured, asks, mean weighted by open interest; beyond it depth is continued with its mean density and only modelled. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_meas_dn_frac IS 'frac: Share of the depth within 10 % that was measured, bids; the rest is continued. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_meas_up_frac IS 'frac: Share of the depth within 10 % that was measured, asks; the rest is continued. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_share_dn_frac IS 'frac: Share of the last known open interest whose books and map are in here, bids. Below 0.5 it is unknown. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_share_up_frac IS 'frac: Share of the last known open interest whose books and map are in here, asks. Below 0.5 it is unknown. (modelled)';
COMMENT ON COLUMN cascade_risk.m_scenario.casc_state IS '1: 0 contained: no critical shock up to 10 %; 1 there is one; 2 of at most 1 %, or r_mech_1pct is at least 1; 3 a shock of at most 10 % runs away. The worse direction. Modelled, uncalibrated; without stops, spot sellers, refills and ADL. (modelled)';

ALTER TABLE cascade_risk.m_asset
    ADD COLUMN IF NOT EXISTS fund_z double precision,
    ADD COLUMN IF NOT EXISTS basis_z double precision,
    ADD COLUMN IF NOT EXISTS lsr_logit_z double precision,
    ADD COLUMN IF NOT EXISTS crowding double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_5m double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_5m double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_5m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_1h double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_1h double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_1h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_quadrant_24h double precision,
    ADD COLUMN IF NOT EXISTS oi_strength_24h double precision,
    ADD COLUMN IF NOT EXISTS oi_forced_24h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_drawdown_30d_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_peak_age_days double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_q99_usd double precision;
COMMENT ON COLUMN cascade_risk.m_asset.fund_z IS '1: Funding (fund_oiw_8h) against its own last 30 watched days, hourly, in robust standard deviations; warming up for 30 hours.';
COMMENT ON COLUMN cascade_risk.m_asset.basis_z IS '1: Basis, smoothed with a half-life of 60 s, against its own last 30 watched days, hourly, in robust standard deviations.';
COMMENT ON COLUMN cascade_risk.m_asset.lsr_logit_z IS '1: Logit of long_account_frac against its own last 30 watched days, hourly, in robust standard deviations.';
COMMENT ON COLUMN cascade_risk.m_asset.crowding IS '1: Mean of those of the three z-scores that are known, at least two; 0 when their signs disagree. Positive = longs are crowded.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_quadrant_5m IS '1: Open interest and price over 5 minutes: 0 no unusual change of open interest (within one deviation), 1 new longs press (both rise), 2 new shorts press (price falls), 3 longs unwind or are liquidated (both fall), 4 shorts cover (price rises).';
COMMENT ON COLUMN cascade_risk.m_asset.oi_strength_5m IS '1: sqrt(x^2 + y^2) of the z-scores of the changes of open interest and price over 5 minutes; 0 in quadrant 0.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_forced_5m_frac IS 'frac: Liquidations shown over 5 minutes, in base units, over the fall of open interest of the same venues, at most 1; unknown (no_oi) unless it fell. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.oi_quadrant_1h IS '1: Open interest and price over an hour: 0 no unusual change of open interest (within one deviation), 1 new longs press (both rise), 2 new shorts press (price falls), 3 longs unwind or are liquidated (both fall), 4 shorts cover (price rises).';
COMMENT ON COLUMN cascade_risk.m_asset.oi_strength_1h IS '1: sqrt(x^2 + y^2) of the z-scores of the changes of open interest and price over an hour; 0 in quadrant 0.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_forced_1h_frac IS 'frac: Liquidations shown over an hour, in base units, over the fall of open interest of the same venues, at most 1; unknown (no_oi) unless it fell. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.oi_quadrant_24h IS '1: Open interest and price over 24 hours: 0 no unusual change of open interest (within one deviation), 1 new longs press (both rise), 2 new shorts press (price falls), 3 longs unwind or are liquidated (both fall), 4 shorts cover (price rises).';
COMMENT ON COLUMN cascade_risk.m_asset.oi_strength_24h IS '1: sqrt(x^2 + y^2) of the z-scores of the changes of open interest and price over 24 hours; 0 in quadrant 0.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_forced_24h_frac IS 'frac: Liquidations shown over 24 hours, in base units, over the fall of open interest of the same venues, at most 1; unknown (no_oi) unless it fell. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.oi_drawdown_30d_frac IS 'frac: Fall of open interest in base units from its peak of the last 30 days, or of what was watched of them, at least a day; unknown while a venue is missing. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.oi_peak_age_days IS 'day: How long ago that peak was.';
COMMENT ON COLUMN cascade_risk.m_asset.liq_1m_q99_usd IS 'USD: 99th percentile of the asset''s liquidations of a minute, both sides, as shown (upper edge of a bucket of a quarter octave; half-life 7 days); warming up for a day. (lower bound)';

ALTER TABLE cascade_risk.m_process
    ADD COLUMN IF NOT EXISTS liq_breadth double precision,
    ADD COLUMN IF NOT EXISTS liq_breadth_frac double precision,
    ADD COLUMN IF NOT EXISTS store_refused_1m double precision,
    ADD COLUMN IF NOT EXISTS store_unkept_1m double precision,
    ADD COLUMN IF NOT EXISTS store_shed_1m double precision,
    ADD COLUMN IF NOT EXISTS store_refused_total double precision,
    ADD COLUMN IF NOT EXISTS store_term double precision;
COMMENT ON COLUMN cascade_risk.m_process.liq_breadth IS '1: Assets whose liquidations of the last minute are above their own 99th percentile, now. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_process.liq_breadth_frac IS 'frac: The same as a share of the assets whose percentile is known; chance alone gives 0.01. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_process.store_refused_1m IS '1: Rows of the last minute that the database refused for their content; set aside in a file.';
COMMENT ON COLUMN cascade_risk.m_process.store_unkept_1m IS '1: Rows of the last minute that the database refused and the file did not take: it is full.';
COMMENT ON COLUMN cascade_risk.m_process.store_shed_1m IS '1: Rows of the last minute given up for want of room or with a damaged file; a lower bound.';
COMMENT ON COLUMN cascade_risk.m_process.store_refused_total IS 'count: Rows the database refused for their content since the start; of those given up.';
COMMENT ON COLUMN cascade_risk.m_process.store_term IS 'count: Term of the daemon that writes: one more each time another one took over.';

-- The liquidation map: bands of one side, and the map itself as arrays -------------------------------
CREATE TABLE cascade_risk.m_group_asset_side (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    grp text NOT NULL,
    asset text NOT NULL,
    side text NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_group_asset_side_t ON cascade_risk.m_group_asset_side USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX m_group_asset_side_key ON cascade_risk.m_group_asset_side (asset, grp, side, t);
COMMENT ON TABLE cascade_risk.m_group_asset_side IS 'What the liquidation map holds per group, asset and side, modelled and uncalibrated; NULL = unknown, metric_unknown says why, with the side in its channel';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.t IS 'UTC: engine time, a whole second; assets are evaluated in turn';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.grp IS 'text: group of venues; for now a group is a venue and has its name';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.side IS 'text: positions that would be liquidated: long (below the mark) or short (above it)';

CREATE TABLE cascade_risk.liqmap (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    grp text NOT NULL,
    asset text NOT NULL,
    side text NOT NULL,
    px_ref double precision NOT NULL,
    seeded_frac double precision,
    oi_base double precision NOT NULL,
    edge_frac double precision[] NOT NULL,
    mass_base double precision[] NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX liqmap_t ON cascade_risk.liqmap USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX liqmap_key ON cascade_risk.liqmap (asset, grp, side, t);
COMMENT ON TABLE cascade_risk.liqmap IS 'The liquidation map of one side, each minute while it is known: modelled, uncalibrated. Mass i lies between edge i and edge i + 1 (arrays count from 1)';
COMMENT ON COLUMN cascade_risk.liqmap.t IS 'UTC: engine time, a whole second; assets are told in turn';
COMMENT ON COLUMN cascade_risk.liqmap.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.liqmap.grp IS 'text: group of venues; for now a group is a venue and has its name';
COMMENT ON COLUMN cascade_risk.liqmap.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.liqmap.side IS 'text: positions that would be liquidated: long (below the mark) or short (above it)';
COMMENT ON COLUMN cascade_risk.liqmap.px_ref IS 'quote: mark price the edges start from, per unit of the asset';
COMMENT ON COLUMN cascade_risk.liqmap.seeded_frac IS 'frac: share of the map that was there when tracking began and stands where it does by assumption alone';
COMMENT ON COLUMN cascade_risk.liqmap.oi_base IS 'base: all mass of the side = open interest; what the arrays lack of it lies beyond the last edge';
COMMENT ON COLUMN cascade_risk.liqmap.edge_frac IS 'frac: rising distances from px_ref, down for longs and up for shorts; one more than masses';
COMMENT ON COLUMN cascade_risk.liqmap.mass_base IS 'base: units of the asset liquidated while the mark moves from one edge to the next';

INSERT INTO cascade_risk.fact_table (tbl, t_column) VALUES ('m_group_asset_side', 't'), ('liqmap', 't');
GRANT SELECT ON cascade_risk.m_group_asset_side, cascade_risk.liqmap TO cascaded_reader, cascaded_writer;
GRANT INSERT ON cascade_risk.m_group_asset_side, cascade_risk.liqmap TO cascaded_writer;

ALTER TABLE cascade_risk.m_group_asset_side
    ADD COLUMN IF NOT EXISTS liqmap_cum_1pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_2pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_5pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_10pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_cum_20pct_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_near_frac double precision,
    ADD COLUMN IF NOT EXISTS liqmap_near_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_top_frac double precision,
    ADD COLUMN IF NOT EXISTS liqmap_top_usd double precision,
    ADD COLUMN IF NOT EXISTS liqmap_neff double precision,
    ADD COLUMN IF NOT EXISTS liqmap_asym_ln double precision,
    ADD COLUMN IF NOT EXISTS liqmap_flight_frac double precision,
    ADD COLUMN IF NOT EXISTS liqmap_seeded_frac double precision,
    ADD COLUMN IF NOT EXISTS liqmap_age_s double precision;
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_cum_1pct_usd IS 'USD: Positions of this side liquidated while the mark moves 1 % against them, valued at the mark. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_cum_2pct_usd IS 'USD: Positions of this side liquidated while the mark moves 2 % against them, valued at the mark. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_cum_5pct_usd IS 'USD: Positions of this side liquidated while the mark moves 5 % against them, valued at the mark. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_cum_10pct_usd IS 'USD: Positions of this side liquidated while the mark moves 10 % against them, valued at the mark. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_cum_20pct_usd IS 'USD: Positions of this side liquidated while the mark moves 20 % against them, valued at the mark. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_near_frac IS 'frac: Distance from the mark of the middle of the nearest cluster: adjacent bands of 0.5 %, each heavier than the mean band up to 25 %. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_near_usd IS 'USD: Mass of the nearest cluster. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_top_frac IS 'frac: Distance from the mark of the middle of the heaviest cluster. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_top_usd IS 'USD: Mass of the heaviest cluster. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_neff IS '1: Effective number of bands of 0.5 % that hold the mass up to 25 %: 1 / sum of squared shares; few = clustered. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_asym_ln IS '1: Asymmetry of the group: ln of longs over shorts liquidated within 5 %; above 0 more hangs below the mark. The same on both sides. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_flight_frac IS 'frac: Share of the side that the mark has crossed and open interest has not settled yet; it is in the map as if entered at the mark. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_seeded_frac IS 'frac: Share of the map that was there when tracking began and stands where it does by assumption alone. The same on both sides. Modelled, uncalibrated. (modelled)';
COMMENT ON COLUMN cascade_risk.m_group_asset_side.liqmap_age_s IS 's: Time since tracking of this map began, restarts included. (modelled)';
