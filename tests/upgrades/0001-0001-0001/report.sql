-- What report's first migration (0001) held, as the version of its day wrote it: six facts, a report with two issues of
-- which the first was released, and a run. Of the workbooks only their SHA-256 counts here.

UPDATE cursor SET epoch = 'early', position = 6;

INSERT INTO fact
    (position, until, kind, key, revision, action, office, occurred_at, fields, receipt, submission_id, sha256,
     received_at, pointer)
VALUES
    (1, NULL, 'office', 'KEN', 1, 'upsert', 'KEN', '2016-11-29T05:00:00Z',
     '{"office": "KEN", "name": "Kenya", "type": "country", "region": "east_horn_of_africa", "iso3": null, "m49": null, "time_zone": "Africa/Nairobi", "weekend": ["sat", "sun"], "head": {"name": "Karim Haddad", "email": "karim@example.org"}, "reviewer": null}',
     'HQ-000001', '11111111-0000-4000-8000-000000000001',
     '89bb20734477a510dc680fa40827945c585cbca290afb917064da07804b23e3e', '2016-11-29T05:00:00Z', '/records/0'),
    (2, NULL, 'donor', 'example-fund', 1, 'upsert', 'HQ', '2016-11-29T05:00:00Z',
     '{"donor_id": "example-fund", "name": "Example Fund (illustrative)", "type": null, "country": null, "iati_id": null, "copy": null, "language": null}',
     'HQ-000001', '11111111-0000-4000-8000-000000000001',
     '89bb20734477a510dc680fa40827945c585cbca290afb917064da07804b23e3e', '2016-11-29T05:00:00Z', '/records/1'),
    (3, 6, 'funding_requirement', '2016/KEN/migration_health', 1, 'upsert', 'KEN', '2016-11-29T05:00:00Z',
     '{"year": 2016, "office": "KEN", "area": "migration_health", "amount": "1000000", "currency": "USD", "note": null}',
     'HQ-000001', '11111111-0000-4000-8000-000000000001',
     '89bb20734477a510dc680fa40827945c585cbca290afb917064da07804b23e3e', '2016-11-29T05:00:00Z', '/records/2'),
    (4, NULL, 'project', 'KE-001', 1, 'upsert', 'KEN', '2016-11-29T05:00:00Z',
     '{"project_code": "KE-001", "title": "Shelter for displaced families", "office": "KEN", "start": "2015-01-01", "end": "2016-12-31", "manager": {"name": "Amina Otieno", "email": "amina.otieno@example.org"}, "alternate_manager": {"name": "Paul Mwangi", "email": "paul.mwangi@example.org"}, "budget": {"amount": "500000", "currency": "USD"}, "areas": [{"code": "migration_health", "percent": 100}], "activities": null, "objectives": null, "sdg_targets": null, "gender_marker": null, "targets": [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250}], "milestones": null, "status": "active"}',
     'HQ-000001', '11111111-0000-4000-8000-000000000001',
     '89bb20734477a510dc680fa40827945c585cbca290afb917064da07804b23e3e', '2016-11-29T05:00:00Z', '/records/3'),
    (5, NULL, 'grant', 'G-KE-001', 1, 'upsert', 'KEN', '2016-11-29T05:00:00Z',
     '{"grant_id": "G-KE-001", "donor_id": "example-fund", "project_code": "KE-001", "amount": "400000", "currency": "USD", "status": "committed", "signed": "2014-12-15", "start": "2015-01-01", "end": "2016-12-31", "reporting_rules": [{"type": "interim", "period_start": "2016-01-01", "period_end": "2016-06-30", "due": "2016-11-28"}]}',
     'HQ-000001', '11111111-0000-4000-8000-000000000001',
     '89bb20734477a510dc680fa40827945c585cbca290afb917064da07804b23e3e', '2016-11-29T05:00:00Z', '/records/4'),
    (6, NULL, 'funding_requirement', '2016/KEN/migration_health', 2, 'upsert', 'KEN', '2016-11-29T06:30:00Z',
     '{"year": 2016, "office": "KEN", "area": "migration_health", "amount": "760000.5", "currency": "USD", "note": null}',
     'KEN-000001', '11111111-0000-4000-8000-000000000002',
     '131a57ed28e297249642cd5708d31a830f6547f4bb3ad47fd33cd630998f8e9e', '2016-11-29T06:30:00Z', '/records/0');

INSERT INTO report_state
    (report, params_key, params, position, wanted, built, stale_since, due_at, attempt, lease_until, failures, error)
VALUES
    ('funding-requirements', '{"copy":"internal","year":"2016"}', '{"copy":"internal","year":"2016"}', 6, 3, 3, NULL, '2016-11-29T06:30:00Z', 3, NULL, 0, NULL);

INSERT INTO issue
    (issue_id, report, params_key, params, number, sha256, size, position, as_of, made_at, base_issue_id, changed_cells,
     released_at, released_by)
VALUES
    ('22222222-0000-4000-8000-000000000001', 'funding-requirements', '{"copy":"internal","year":"2016"}', '{"copy":"internal","year":"2016"}', 1,
     'f88ce260b282e3457991ca6fc4f0203ae9e24eec00c5d734ce992e05f26c7ed5', 23, 3, '2016-11-29T05:00:00Z', '2016-11-29T05:00:02Z', NULL, 0, '2016-11-29T06:00:00Z', 'analyst@example.org'),
    ('22222222-0000-4000-8000-000000000002', 'funding-requirements', '{"copy":"internal","year":"2016"}', '{"copy":"internal","year":"2016"}', 2,
     'd57ac10871b3a8749b70128876fb66a5130587ed4f2c72b73cd7492348086f91', 23, 6, '2016-11-29T06:30:00Z', '2016-11-29T06:30:02Z', '22222222-0000-4000-8000-000000000001', 5, NULL, NULL);

INSERT INTO run (run_id, report, params_key, params, wish, status, progress, issue_id, detail, asked_by, asked_at)
VALUES
    ('33333333-0000-4000-8000-000000000001', 'funding-requirements', '{"copy":"internal","year":"2016"}', '{"copy":"internal","year":"2016"}', 3, 'done', 1,
     '22222222-0000-4000-8000-000000000002', NULL, 'analyst@example.org', '2016-11-29T06:30:00Z');
