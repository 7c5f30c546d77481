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
