-- Metric columns, as `cascaded --schema-delta` printed them from the metric tables.
SET LOCAL ROLE cascaded_owner;

ALTER TABLE cascade_risk.m_asset
    ADD COLUMN IF NOT EXISTS oi_usd double precision,
    ADD COLUMN IF NOT EXISTS oi_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_hhi double precision,
    ADD COLUMN IF NOT EXISTS oi_neff double precision,
    ADD COLUMN IF NOT EXISTS oi_cr3 double precision,
    ADD COLUMN IF NOT EXISTS oi_cov_frac double precision,
    ADD COLUMN IF NOT EXISTS fund_oiw_8h double precision,
    ADD COLUMN IF NOT EXISTS fund_ann_frac double precision,
    ADD COLUMN IF NOT EXISTS fund_disp_8h double precision,
    ADD COLUMN IF NOT EXISTS basis_bps double precision,
    ADD COLUMN IF NOT EXISTS basis_disp_bps double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_oi_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1h_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1h_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_cov_venues double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_rel_frac double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_frac double precision,
    ADD COLUMN IF NOT EXISTS px_fair_usd double precision,
    ADD COLUMN IF NOT EXISTS px_fair_venues double precision;
COMMENT ON COLUMN cascade_risk.m_asset.oi_usd IS 'USD: Open interest, one-sided, at the mark price, all known venues.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_base IS 'base: Open interest, one-sided, in base units of the asset, all known venues.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_chg_1m_base IS 'base: Change of open interest over the last minute, in base units of the asset. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_chg_5m_base IS 'base: Change of open interest over the last 5 minutes, in base units of the asset. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_chg_1h_base IS 'base: Change of open interest over the last hour, in base units of the asset. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_chg_24h_base IS 'base: Change of open interest over the last 24 hours, in base units of the asset. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_chg_1m_frac IS 'frac: Change of open interest in base units over the last minute, as a fraction of what it was then. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_chg_5m_frac IS 'frac: Change of open interest in base units over the last 5 minutes, as a fraction of what it was then. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_chg_1h_frac IS 'frac: Change of open interest in base units over the last hour, as a fraction of what it was then. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_chg_24h_frac IS 'frac: Change of open interest in base units over the last 24 hours, as a fraction of what it was then. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_hhi IS '1: Herfindahl-Hirschman index of open interest over the known venues: sum of squared shares.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_neff IS '1: Effective number of venues: 1 / oi_hhi.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_cr3 IS 'frac: Share of the three venues with most open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.oi_cov_frac IS 'frac: Share of the last known open interest that the venues known now have. Below 0.5 the sums over venues are unknown.';
COMMENT ON COLUMN cascade_risk.m_asset.fund_oiw_8h IS '1/8h: Funding rate scaled to 8 hours, weighted by open interest over the known venues.';
COMMENT ON COLUMN cascade_risk.m_asset.fund_ann_frac IS 'frac: Funding per year, simple: fund_oiw_8h x 3 x 365.';
COMMENT ON COLUMN cascade_risk.m_asset.fund_disp_8h IS '1/8h: Dispersion: highest minus lowest fund_8h over the known venues, at least two.';
COMMENT ON COLUMN cascade_risk.m_asset.basis_bps IS 'bps: Basis weighted by open interest over the known venues.';
COMMENT ON COLUMN cascade_risk.m_asset.basis_disp_bps IS 'bps: Dispersion: highest minus lowest basis over the known venues, at least two.';
COMMENT ON COLUMN cascade_risk.m_asset.liq_long_1m_usd IS 'USD: Notional of long positions closed by liquidation over the last minute, as shown by the venues with a public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.liq_short_1m_usd IS 'USD: Notional of short positions closed by liquidation over the last minute, as shown by the venues with a public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.liq_1m_oi_frac IS 'frac: Liquidations of both sides over the last minute, in base units, over the open interest of the venues whose feed shows them. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.liq_long_5m_usd IS 'USD: Notional of long positions closed by liquidation over the last 5 minutes, as shown by the venues with a public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.liq_short_5m_usd IS 'USD: Notional of short positions closed by liquidation over the last 5 minutes, as shown by the venues with a public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.liq_long_1h_usd IS 'USD: Notional of long positions closed by liquidation over the last hour, as shown by the venues with a public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.liq_short_1h_usd IS 'USD: Notional of short positions closed by liquidation over the last hour, as shown by the venues with a public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_asset.liq_cov_venues IS '1: How many of the venues that list the asset publish liquidations and are known now.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_10bps_bid_usd IS 'USD: Resting bids within the band around the book''s own mid, each level at its own price, all venues where it is known; unknown when these have less than half the open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_50bps_bid_usd IS 'USD: Resting bids within the band around the book''s own mid, each level at its own price, all venues where it is known; unknown when these have less than half the open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_100bps_bid_usd IS 'USD: Resting bids within the band around the book''s own mid, each level at its own price, all venues where it is known; unknown when these have less than half the open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_10bps_ask_usd IS 'USD: Resting asks within the band around the book''s own mid, each level at its own price, all venues where it is known; unknown when these have less than half the open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_50bps_ask_usd IS 'USD: Resting asks within the band around the book''s own mid, each level at its own price, all venues where it is known; unknown when these have less than half the open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_100bps_ask_usd IS 'USD: Resting asks within the band around the book''s own mid, each level at its own price, all venues where it is known; unknown when these have less than half the open interest.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_10bps_rel_frac IS 'frac: Depth within 10 bps over its mean of the last 5 minutes (at least 20 samples), the thinner side; over the venues where both are known.';
COMMENT ON COLUMN cascade_risk.m_asset.depth_cov_frac IS 'frac: Share of the last known open interest that the venues have whose 10 bps bids are known.';
COMMENT ON COLUMN cascade_risk.m_asset.px_fair_usd IS 'USD: Fair price of one unit of the asset: weighted median over venues of their mid (else mark) in USD, quote coins converted with their cross rates.';
COMMENT ON COLUMN cascade_risk.m_asset.px_fair_venues IS '1: How many venues'' prices px_fair_usd is made of.';

ALTER TABLE cascade_risk.m_venue_asset
    ADD COLUMN IF NOT EXISTS oi_usd double precision,
    ADD COLUMN IF NOT EXISTS oi_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_base double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_5m_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_1h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_chg_24h_frac double precision,
    ADD COLUMN IF NOT EXISTS oi_share_frac double precision,
    ADD COLUMN IF NOT EXISTS fund_8h double precision,
    ADD COLUMN IF NOT EXISTS fund_ann_frac double precision,
    ADD COLUMN IF NOT EXISTS fund_interval_h double precision,
    ADD COLUMN IF NOT EXISTS fund_next_s double precision,
    ADD COLUMN IF NOT EXISTS mark_px double precision,
    ADD COLUMN IF NOT EXISTS index_px double precision,
    ADD COLUMN IF NOT EXISTS basis_bps double precision,
    ADD COLUMN IF NOT EXISTS mark_move_10s_bps double precision,
    ADD COLUMN IF NOT EXISTS mark_move_60s_bps double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_1m_oi_frac double precision,
    ADD COLUMN IF NOT EXISTS liq_long_5m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_5m_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_long_1h_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_short_1h_usd double precision,
    ADD COLUMN IF NOT EXISTS liq_coverage double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_50bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_100bps_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_mean_bid_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_mean_ask_usd double precision,
    ADD COLUMN IF NOT EXISTS depth_10bps_rel_frac double precision,
    ADD COLUMN IF NOT EXISTS bid_px double precision,
    ADD COLUMN IF NOT EXISTS ask_px double precision,
    ADD COLUMN IF NOT EXISTS mid_px double precision,
    ADD COLUMN IF NOT EXISTS spread_bps double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_bps_bid double precision,
    ADD COLUMN IF NOT EXISTS depth_cov_bps_ask double precision,
    ADD COLUMN IF NOT EXISTS slip_sell_1m_bps double precision,
    ADD COLUMN IF NOT EXISTS slip_sell_10m_bps double precision,
    ADD COLUMN IF NOT EXISTS px_dev_bps double precision;
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_usd IS 'USD: Open interest, one-sided, at the mark price, all instruments of the venue.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_base IS 'base: Open interest, one-sided, in base units of the asset, all instruments of the venue.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_chg_1m_base IS 'base: Change of open interest over the last minute, in base units of the asset. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_chg_5m_base IS 'base: Change of open interest over the last 5 minutes, in base units of the asset. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_chg_1h_base IS 'base: Change of open interest over the last hour, in base units of the asset. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_chg_24h_base IS 'base: Change of open interest over the last 24 hours, in base units of the asset. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_chg_1m_frac IS 'frac: Change of open interest in base units over the last minute, as a fraction of what it was then. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_chg_5m_frac IS 'frac: Change of open interest in base units over the last 5 minutes, as a fraction of what it was then. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_chg_1h_frac IS 'frac: Change of open interest in base units over the last hour, as a fraction of what it was then. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_chg_24h_frac IS 'frac: Change of open interest in base units over the last 24 hours, as a fraction of what it was then. Instruments and venues known at both ends only.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.oi_share_frac IS 'frac: The venue''s share of the asset''s open interest over the known venues.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.fund_8h IS '1/8h: Funding rate scaled to 8 hours (rate x 8 / interval), weighted by open interest over the venue''s instruments; positive = longs pay.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.fund_ann_frac IS 'frac: Funding per year, simple: fund_8h x 3 x 365.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.fund_interval_h IS 'h: Funding interval of the primary instrument.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.fund_next_s IS 's: Seconds until the primary instrument''s funding is paid.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.mark_px IS 'USD: Mark price of the primary instrument in its quote coin, per unit of the asset.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.index_px IS 'USD: Index price of the primary instrument in its quote coin, per unit of the asset.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.basis_bps IS 'bps: (mark / index - 1) of the primary instrument; positive = the perpetual is dearer.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.mark_move_10s_bps IS 'bps: Move of the primary instrument''s mark price over the last 10 seconds, signed.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.mark_move_60s_bps IS 'bps: Move of the primary instrument''s mark price over the last 60 seconds, signed.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_long_1m_usd IS 'USD: Notional of long positions closed by liquidation over the last minute, as shown by the venue''s public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_short_1m_usd IS 'USD: Notional of short positions closed by liquidation over the last minute, as shown by the venue''s public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_1m_oi_frac IS 'frac: Liquidations of both sides over the last minute, in base units, over open interest. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_long_5m_usd IS 'USD: Notional of long positions closed by liquidation over the last 5 minutes, as shown by the venue''s public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_short_5m_usd IS 'USD: Notional of short positions closed by liquidation over the last 5 minutes, as shown by the venue''s public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_long_1h_usd IS 'USD: Notional of long positions closed by liquidation over the last hour, as shown by the venue''s public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_short_1h_usd IS 'USD: Notional of short positions closed by liquidation over the last hour, as shown by the venue''s public feed; a lower bound where a feed is sampled. (lower bound)';
COMMENT ON COLUMN cascade_risk.m_venue_asset.liq_coverage IS '1: How complete the venue''s public liquidation feed is: 0 complete, 1 sampled, 2 partial; unknown where there is none.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_10bps_bid_usd IS 'USD: Resting bids within the band around the book''s own mid, each level at its own price, all instruments of the venue.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_50bps_bid_usd IS 'USD: Resting bids within the band around the book''s own mid, each level at its own price, all instruments of the venue.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_100bps_bid_usd IS 'USD: Resting bids within the band around the book''s own mid, each level at its own price, all instruments of the venue.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_10bps_ask_usd IS 'USD: Resting asks within the band around the book''s own mid, each level at its own price, all instruments of the venue.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_50bps_ask_usd IS 'USD: Resting asks within the band around the book''s own mid, each level at its own price, all instruments of the venue.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_100bps_ask_usd IS 'USD: Resting asks within the band around the book''s own mid, each level at its own price, all instruments of the venue.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_10bps_mean_bid_usd IS 'USD: Mean over the last 5 minutes of the bids within 10 bps: what depth_10bps_rel_frac compares with.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_10bps_mean_ask_usd IS 'USD: Mean over the last 5 minutes of the asks within 10 bps: what depth_10bps_rel_frac compares with.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_10bps_rel_frac IS 'frac: Depth within 10 bps over its mean of the last 5 minutes (at least 20 samples), the thinner side.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.bid_px IS 'USD: Best bid of the primary instrument in its quote coin, per unit of the asset.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.ask_px IS 'USD: Best ask of the primary instrument in its quote coin, per unit of the asset.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.mid_px IS 'USD: Mid of best bid and ask of the primary instrument, per unit of the asset.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.spread_bps IS 'bps: Best ask minus best bid of the primary instrument, against their mid.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_cov_bps_bid IS 'bps: How far below mid the known book of the primary instrument reaches; beyond it depth is unknown.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.depth_cov_bps_ask IS 'bps: How far above mid the known book of the primary instrument reaches; beyond it depth is unknown.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.slip_sell_1m_bps IS 'bps: Cost of selling 1 million USD at market on the primary instrument, average price against mid.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.slip_sell_10m_bps IS 'bps: Cost of selling 10 million USD at market on the primary instrument, average price against mid.';
COMMENT ON COLUMN cascade_risk.m_venue_asset.px_dev_bps IS 'bps: ln(the venue''s price / px_fair_usd); unknown while only one venue is known.';

ALTER TABLE cascade_risk.m_feed
    ADD COLUMN IF NOT EXISTS feed_age_s double precision,
    ADD COLUMN IF NOT EXISTS feed_overdue_frac double precision,
    ADD COLUMN IF NOT EXISTS feed_state double precision,
    ADD COLUMN IF NOT EXISTS feed_down_s double precision;
COMMENT ON COLUMN cascade_risk.m_feed.feed_age_s IS 's: Seconds since the last datum of this feed.';
COMMENT ON COLUMN cascade_risk.m_feed.feed_overdue_frac IS 'frac: Silence of this feed over its limit: above 1 it is silent. Unknown for sparse feeds and while the link is down.';
COMMENT ON COLUMN cascade_risk.m_feed.feed_state IS '1: 0 link down, 1 waiting for the first datum, 2 live, 3 silent, 4 refused by the venue.';
COMMENT ON COLUMN cascade_risk.m_feed.feed_down_s IS 's: Seconds since the last datum while the link is down; 0 while it is up.';

ALTER TABLE cascade_risk.m_process
    ADD COLUMN IF NOT EXISTS feeds_live double precision,
    ADD COLUMN IF NOT EXISTS feeds_waiting double precision,
    ADD COLUMN IF NOT EXISTS feeds_silent double precision,
    ADD COLUMN IF NOT EXISTS feeds_down double precision,
    ADD COLUMN IF NOT EXISTS feeds_refused double precision,
    ADD COLUMN IF NOT EXISTS venues_down double precision,
    ADD COLUMN IF NOT EXISTS assets_tracked double precision,
    ADD COLUMN IF NOT EXISTS loop_lag_ms double precision,
    ADD COLUMN IF NOT EXISTS loop_lag_p99_ms double precision,
    ADD COLUMN IF NOT EXISTS tick_ms double precision,
    ADD COLUMN IF NOT EXISTS tick_p99_ms double precision,
    ADD COLUMN IF NOT EXISTS ticks_skipped double precision,
    ADD COLUMN IF NOT EXISTS clock_steps double precision,
    ADD COLUMN IF NOT EXISTS rss_bytes double precision,
    ADD COLUMN IF NOT EXISTS texts_total double precision,
    ADD COLUMN IF NOT EXISTS events_total double precision,
    ADD COLUMN IF NOT EXISTS refused_total double precision,
    ADD COLUMN IF NOT EXISTS clients double precision,
    ADD COLUMN IF NOT EXISTS tape_dropped_total double precision,
    ADD COLUMN IF NOT EXISTS store_rows_total double precision,
    ADD COLUMN IF NOT EXISTS store_shed_total double precision,
    ADD COLUMN IF NOT EXISTS store_queued double precision;
COMMENT ON COLUMN cascade_risk.m_process.feeds_live IS '1: Feeds (venue, channel, instrument) that are live.';
COMMENT ON COLUMN cascade_risk.m_process.feeds_waiting IS '1: Feeds that wait for their first datum.';
COMMENT ON COLUMN cascade_risk.m_process.feeds_silent IS '1: Feeds that are silent beyond their limit.';
COMMENT ON COLUMN cascade_risk.m_process.feeds_down IS '1: Feeds whose link is down.';
COMMENT ON COLUMN cascade_risk.m_process.feeds_refused IS '1: Feeds whose subscription the venue refused.';
COMMENT ON COLUMN cascade_risk.m_process.venues_down IS '1: Venues that have streams, all of whose links are down.';
COMMENT ON COLUMN cascade_risk.m_process.assets_tracked IS '1: Assets in the universe.';
COMMENT ON COLUMN cascade_risk.m_process.loop_lag_ms IS 'ms: How late the event loop runs its timers, latest.';
COMMENT ON COLUMN cascade_risk.m_process.loop_lag_p99_ms IS 'ms: 99th percentile of how late the event loop runs its timers, over the last period.';
COMMENT ON COLUMN cascade_risk.m_process.tick_ms IS 'ms: Time the latest tick took.';
COMMENT ON COLUMN cascade_risk.m_process.tick_p99_ms IS 'ms: 99th percentile of the time of a tick.';
COMMENT ON COLUMN cascade_risk.m_process.ticks_skipped IS 'count: Seconds without a tick since the start.';
COMMENT ON COLUMN cascade_risk.m_process.clock_steps IS 'count: Steps of the wall clock over 1 s since the start.';
COMMENT ON COLUMN cascade_risk.m_process.rss_bytes IS 'bytes: Resident memory of the process.';
COMMENT ON COLUMN cascade_risk.m_process.texts_total IS 'count: Texts received since the start.';
COMMENT ON COLUMN cascade_risk.m_process.events_total IS 'count: Events taken from texts since the start.';
COMMENT ON COLUMN cascade_risk.m_process.refused_total IS 'count: Texts refused because they could not be understood, since the start.';
COMMENT ON COLUMN cascade_risk.m_process.clients IS 'count: Clients connected to the socket.';
COMMENT ON COLUMN cascade_risk.m_process.tape_dropped_total IS 'count: Records the tape could not take since the start.';
COMMENT ON COLUMN cascade_risk.m_process.store_rows_total IS 'count: Rows stored since the start.';
COMMENT ON COLUMN cascade_risk.m_process.store_shed_total IS 'count: Rows the store had to give up since the start.';
COMMENT ON COLUMN cascade_risk.m_process.store_queued IS 'count: Rows waiting to be stored.';

SELECT cascade_risk.refresh_latest_views();
