-- What ingest's first migration (0001) held, as the version of its day wrote it: two submissions, six changes of the log.
-- The same story as report.sql and notify.sql tell, up to position 6 of the epoch 'early'.

UPDATE change_log SET epoch = 'early', last = 6;

INSERT INTO submission
    (submission_id, number, receipt, office, status, received_at, caller, sha256, size, content_type, http_status, document)
VALUES
    ('11111111-0000-4000-8000-000000000001', nextval('submission_number'), 'HQ-000001', 'HQ', 'accepted', '2016-11-29T05:00:00Z', 'admin@example.org',
     '89bb20734477a510dc680fa40827945c585cbca290afb917064da07804b23e3e', 1242, 'application/json', 201,
     '{"submission_id": "11111111-0000-4000-8000-000000000001", "receipt": "HQ-000001", "office": "HQ", "status": "accepted", "received_at": "2016-11-29T05:00:00Z", "sha256": "89bb20734477a510dc680fa40827945c585cbca290afb917064da07804b23e3e", "note": null, "records": 5, "new": 5, "changed": 0, "withdrawn": 0, "unchanged": 0, "changes": [{"kind": "office", "key": "KEN", "action": "new", "revision": 1, "fields": {"head": [null, {"name": "Karim Haddad", "email": "karim@example.org"}], "name": [null, "Kenya"], "office": [null, "KEN"], "region": [null, "east_horn_of_africa"], "time_zone": [null, "Africa/Nairobi"], "type": [null, "country"], "weekend": [null, ["sat", "sun"]]}}, {"kind": "donor", "key": "example-fund", "action": "new", "revision": 1, "fields": {"donor_id": [null, "example-fund"], "name": [null, "Example Fund (illustrative)"]}}, {"kind": "funding_requirement", "key": "2016/KEN/migration_health", "action": "new", "revision": 1, "fields": {"amount": [null, "1000000"], "area": [null, "migration_health"], "currency": [null, "USD"], "office": [null, "KEN"], "year": [null, 2016]}}, {"kind": "project", "key": "KE-001", "action": "new", "revision": 1, "fields": {"alternate_manager": [null, {"name": "Paul Mwangi", "email": "paul.mwangi@example.org"}], "areas": [null, [{"code": "migration_health", "percent": 100}]], "budget": [null, {"amount": "500000", "currency": "USD"}], "end": [null, "2016-12-31"], "manager": [null, {"name": "Amina Otieno", "email": "amina.otieno@example.org"}], "office": [null, "KEN"], "project_code": [null, "KE-001"], "start": [null, "2015-01-01"], "status": [null, "active"], "targets": [null, [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250}]], "title": [null, "Shelter for displaced families"]}}, {"kind": "grant", "key": "G-KE-001", "action": "new", "revision": 1, "fields": {"amount": [null, "400000"], "currency": [null, "USD"], "donor_id": [null, "example-fund"], "end": [null, "2016-12-31"], "grant_id": [null, "G-KE-001"], "project_code": [null, "KE-001"], "reporting_rules": [null, [{"type": "interim", "period_start": "2016-01-01", "period_end": "2016-06-30", "due": "2016-11-28"}]], "signed": [null, "2014-12-15"], "start": [null, "2015-01-01"], "status": [null, "committed"]}}], "errors": []}'),
    ('11111111-0000-4000-8000-000000000002', nextval('submission_number'), 'KEN-000001', 'KEN', 'accepted', '2016-11-29T06:30:00Z', 'focal@example.org',
     '131a57ed28e297249642cd5708d31a830f6547f4bb3ad47fd33cd630998f8e9e', 149, 'application/json', 201,
     '{"submission_id": "11111111-0000-4000-8000-000000000002", "receipt": "KEN-000001", "office": "KEN", "status": "accepted", "received_at": "2016-11-29T06:30:00Z", "sha256": "131a57ed28e297249642cd5708d31a830f6547f4bb3ad47fd33cd630998f8e9e", "note": null, "records": 1, "new": 0, "changed": 1, "withdrawn": 0, "unchanged": 0, "changes": [{"kind": "funding_requirement", "key": "2016/KEN/migration_health", "action": "changed", "revision": 2, "fields": {"amount": ["1000000", "760000.5"]}}], "errors": []}');

INSERT INTO idempotency_key (caller, key, sha256, submission_id)
VALUES ('focal@example.org', 'the-key-of-the-day', '131a57ed28e297249642cd5708d31a830f6547f4bb3ad47fd33cd630998f8e9e', '11111111-0000-4000-8000-000000000002');

INSERT INTO office_counter (office, last) VALUES ('HQ', 1), ('KEN', 1);

INSERT INTO record (kind, key, revision, office, withdrawn, fields)
VALUES
    ('office', 'KEN', 1, 'KEN', false,
     '{"office": "KEN", "name": "Kenya", "type": "country", "region": "east_horn_of_africa", "iso3": null, "m49": null, "time_zone": "Africa/Nairobi", "weekend": ["sat", "sun"], "head": {"name": "Karim Haddad", "email": "karim@example.org"}, "reviewer": null}'),
    ('donor', 'example-fund', 1, 'HQ', false,
     '{"donor_id": "example-fund", "name": "Example Fund (illustrative)", "type": null, "country": null, "iati_id": null, "copy": null, "language": null}'),
    ('funding_requirement', '2016/KEN/migration_health', 2, 'KEN', false,
     '{"year": 2016, "office": "KEN", "area": "migration_health", "amount": "760000.5", "currency": "USD", "note": null}'),
    ('project', 'KE-001', 1, 'KEN', false,
     '{"project_code": "KE-001", "title": "Shelter for displaced families", "office": "KEN", "start": "2015-01-01", "end": "2016-12-31", "manager": {"name": "Amina Otieno", "email": "amina.otieno@example.org"}, "alternate_manager": {"name": "Paul Mwangi", "email": "paul.mwangi@example.org"}, "budget": {"amount": "500000", "currency": "USD"}, "areas": [{"code": "migration_health", "percent": 100}], "activities": null, "objectives": null, "sdg_targets": null, "gender_marker": null, "targets": [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250}], "milestones": null, "status": "active"}'),
    ('grant', 'G-KE-001', 1, 'KEN', false,
     '{"grant_id": "G-KE-001", "donor_id": "example-fund", "project_code": "KE-001", "amount": "400000", "currency": "USD", "status": "committed", "signed": "2014-12-15", "start": "2015-01-01", "end": "2016-12-31", "reporting_rules": [{"type": "interim", "period_start": "2016-01-01", "period_end": "2016-06-30", "due": "2016-11-28"}]}');

INSERT INTO revision
    (position, kind, key, revision, action, office, fields, occurred_at, actor, submission_id, pointer)
VALUES
    (1, 'office', 'KEN', 1, 'upsert', 'KEN',
     '{"office": "KEN", "name": "Kenya", "type": "country", "region": "east_horn_of_africa", "iso3": null, "m49": null, "time_zone": "Africa/Nairobi", "weekend": ["sat", "sun"], "head": {"name": "Karim Haddad", "email": "karim@example.org"}, "reviewer": null}',
     '2016-11-29T05:00:00Z', 'admin@example.org', '11111111-0000-4000-8000-000000000001', '/records/0'),
    (2, 'donor', 'example-fund', 1, 'upsert', 'HQ',
     '{"donor_id": "example-fund", "name": "Example Fund (illustrative)", "type": null, "country": null, "iati_id": null, "copy": null, "language": null}',
     '2016-11-29T05:00:00Z', 'admin@example.org', '11111111-0000-4000-8000-000000000001', '/records/1'),
    (3, 'funding_requirement', '2016/KEN/migration_health', 1, 'upsert', 'KEN',
     '{"year": 2016, "office": "KEN", "area": "migration_health", "amount": "1000000", "currency": "USD", "note": null}',
     '2016-11-29T05:00:00Z', 'admin@example.org', '11111111-0000-4000-8000-000000000001', '/records/2'),
    (4, 'project', 'KE-001', 1, 'upsert', 'KEN',
     '{"project_code": "KE-001", "title": "Shelter for displaced families", "office": "KEN", "start": "2015-01-01", "end": "2016-12-31", "manager": {"name": "Amina Otieno", "email": "amina.otieno@example.org"}, "alternate_manager": {"name": "Paul Mwangi", "email": "paul.mwangi@example.org"}, "budget": {"amount": "500000", "currency": "USD"}, "areas": [{"code": "migration_health", "percent": 100}], "activities": null, "objectives": null, "sdg_targets": null, "gender_marker": null, "targets": [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250}], "milestones": null, "status": "active"}',
     '2016-11-29T05:00:00Z', 'admin@example.org', '11111111-0000-4000-8000-000000000001', '/records/3'),
    (5, 'grant', 'G-KE-001', 1, 'upsert', 'KEN',
     '{"grant_id": "G-KE-001", "donor_id": "example-fund", "project_code": "KE-001", "amount": "400000", "currency": "USD", "status": "committed", "signed": "2014-12-15", "start": "2015-01-01", "end": "2016-12-31", "reporting_rules": [{"type": "interim", "period_start": "2016-01-01", "period_end": "2016-06-30", "due": "2016-11-28"}]}',
     '2016-11-29T05:00:00Z', 'admin@example.org', '11111111-0000-4000-8000-000000000001', '/records/4'),
    (6, 'funding_requirement', '2016/KEN/migration_health', 2, 'upsert', 'KEN',
     '{"year": 2016, "office": "KEN", "area": "migration_health", "amount": "760000.5", "currency": "USD", "note": null}',
     '2016-11-29T06:30:00Z', 'focal@example.org', '11111111-0000-4000-8000-000000000002', '/records/0');
