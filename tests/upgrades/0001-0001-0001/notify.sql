-- What notify's first migration (0001) held, as the version of its day wrote it: a report owed since 28 November 2016,
-- of which its owner and the alternate were told by mail the day after; the rungs before that were overtaken.

UPDATE follow_cursor SET epoch = 'early', position = 6, last = 6, changed_at = '2016-11-29T06:30:00Z', judged = 6, judged_at = '2016-11-29T06:30:00Z';

INSERT INTO record (kind, key, project_code, office, fields)
VALUES
    ('office', 'KEN', NULL, 'KEN',
     '{"office": "KEN", "name": "Kenya", "type": "country", "region": "east_horn_of_africa", "iso3": null, "m49": null, "time_zone": "Africa/Nairobi", "weekend": ["sat", "sun"], "head": {"name": "Karim Haddad", "email": "karim@example.org"}, "reviewer": null}'),
    ('donor', 'example-fund', NULL, 'HQ',
     '{"donor_id": "example-fund", "name": "Example Fund (illustrative)", "type": null, "country": null, "iati_id": null, "copy": null, "language": null}'),
    ('project', 'KE-001', 'KE-001', 'KEN',
     '{"project_code": "KE-001", "title": "Shelter for displaced families", "office": "KEN", "start": "2015-01-01", "end": "2016-12-31", "manager": {"name": "Amina Otieno", "email": "amina.otieno@example.org"}, "alternate_manager": {"name": "Paul Mwangi", "email": "paul.mwangi@example.org"}, "budget": {"amount": "500000", "currency": "USD"}, "areas": [{"code": "migration_health", "percent": 100}], "activities": null, "objectives": null, "sdg_targets": null, "gender_marker": null, "targets": [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250}], "milestones": null, "status": "active"}'),
    ('grant', 'G-KE-001', 'KE-001', 'KEN',
     '{"grant_id": "G-KE-001", "donor_id": "example-fund", "project_code": "KE-001", "amount": "400000", "currency": "USD", "status": "committed", "signed": "2014-12-15", "start": "2015-01-01", "end": "2016-12-31", "reporting_rules": [{"type": "interim", "period_start": "2016-01-01", "period_end": "2016-06-30", "due": "2016-11-28"}]}');

INSERT INTO obligation
    (obligation_id, project_code, grant_id, type, mark, period_start, period_end, due, office, region, time_zone, owner,
     managers, state, submitted_on, cycle, next_rung_on, cancelled_at, history)
VALUES
    ('a2b3de8b-404e-57cd-a1fd-0c7e1cd4090c', 'KE-001', 'G-KE-001', 'interim', '2016-01-01/2016-06-30', '2016-01-01', '2016-06-30', '2016-11-28',
     'KEN', 'east_horn_of_africa', 'Africa/Nairobi', '{"name": "Amina Otieno", "email": "amina.otieno@example.org"}',
     '{amina.otieno@example.org,paul.mwangi@example.org}', 'awaited', NULL, 1, '2016-12-05', NULL,
     '[{"at": "2016-11-29T05:00:00Z", "event": "owed", "due": "2016-11-28"}]');

INSERT INTO mail
    (mail_id, recipient, recipient_name, office, status, attempt, doubts, lease_until, try_at, message_id, reason,
     created_at, sent_at)
VALUES
    ('647740c3-c23e-555b-b639-a56daf482def', 'amina.otieno@example.org', 'Amina Otieno', 'KEN', 'sent', 1, 0, NULL, '2016-11-29T06:30:00Z',
     '<647740c3-c23e-555b-b639-a56daf482def@example.org>', NULL, '2016-11-29T06:30:00Z', '2016-11-29T06:30:00Z'),
    ('f099bc05-7d7e-59c2-810d-16f03b3538b8', 'paul.mwangi@example.org', 'Paul Mwangi', 'KEN', 'sent', 1, 0, NULL, '2016-11-29T06:30:00Z',
     '<f099bc05-7d7e-59c2-810d-16f03b3538b8@example.org>', NULL, '2016-11-29T06:30:00Z', '2016-11-29T06:30:00Z');

INSERT INTO reminder
    (reminder_id, obligation_id, rung, cycle, recipient, recipient_name, office, channel, status, reason, mail_id,
     created_at, sent_at)
VALUES
    ('d7cd5d86-228a-5127-bb0f-2d5c2c027e1d', 'a2b3de8b-404e-57cd-a1fd-0c7e1cd4090c', -30, 1, '', '', 'KEN', 'mail', 'skipped',
     'a higher rung was reached first: only the highest one due is sent', NULL, '2016-11-29T06:30:00Z', NULL),
    ('7d2057bd-3fa4-5b24-9c02-9225fe566b28', 'a2b3de8b-404e-57cd-a1fd-0c7e1cd4090c', -14, 1, '', '', 'KEN', 'mail', 'skipped',
     'a higher rung was reached first: only the highest one due is sent', NULL, '2016-11-29T06:30:00Z', NULL),
    ('2ebe2564-364a-510f-b15a-6d822a6210a1', 'a2b3de8b-404e-57cd-a1fd-0c7e1cd4090c', -7, 1, '', '', 'KEN', 'mail', 'skipped',
     'a higher rung was reached first: only the highest one due is sent', NULL, '2016-11-29T06:30:00Z', NULL),
    ('f3ad56de-b3b4-59ba-9c17-587646ec9af7', 'a2b3de8b-404e-57cd-a1fd-0c7e1cd4090c', -1, 1, '', '', 'KEN', 'mail', 'skipped',
     'a higher rung was reached first: only the highest one due is sent', NULL, '2016-11-29T06:30:00Z', NULL),
    ('68f96375-6d9c-5758-b014-3c87d4425abb', 'a2b3de8b-404e-57cd-a1fd-0c7e1cd4090c', 1, 1, 'amina.otieno@example.org', 'Amina Otieno', 'KEN', 'mail', 'sent',
     NULL, '647740c3-c23e-555b-b639-a56daf482def', '2016-11-29T06:30:00Z', '2016-11-29T06:30:00Z'),
    ('222804af-9164-502f-89db-e2d2a27a4e7a', 'a2b3de8b-404e-57cd-a1fd-0c7e1cd4090c', 1, 1, 'paul.mwangi@example.org', 'Paul Mwangi', 'KEN', 'mail', 'sent',
     NULL, 'f099bc05-7d7e-59c2-810d-16f03b3538b8', '2016-11-29T06:30:00Z', '2016-11-29T06:30:00Z');
