-- Metrics and tables of four venues and of the models; metric columns as `cascaded --schema-delta`
-- printed them. Views over them are in the next file.
SET LOCAL ROLE cascaded_owner;
