-- A portfolio of any size. Each section is one step; %(programmes)s, %(seed)s and %(now)s come from generate.py.
-- Per programme: 20 people, 20 workstreams, 250 statuses. The same seed gives the same rows.

-- step: tools
CREATE FUNCTION pg_temp.draw(what text, i bigint) RETURNS double precision LANGUAGE sql IMMUTABLE
    RETURN (hashtextextended(what || ':' || i, %(seed)s) & 9007199254740991) / 9007199254740992.0;
CREATE FUNCTION pg_temp.pick(what text, i bigint, among text[]) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN among[1 + floor(pg_temp.draw(what, i) * cardinality(among))::int];
CREATE FUNCTION pg_temp.key(what text, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN md5(what || ':' || i || ':' || %(seed)s)::uuid;
CREATE FUNCTION pg_temp.person(i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN pg_temp.key('person', mod(i, 20 * %(programmes)s));

-- step: people
INSERT INTO partners_unit (id, code, name, parent_id)
SELECT pg_temp.key('unit', i), 'U' || i,
    pg_temp.pick('unit', i, '{Response,Neighbourhood,Custody,Investigation,Intelligence,Contact,Estates,Finance}') || ' ' || i, NULL
FROM generate_series(0, greatest(20 * %(programmes)s / 100, 1) - 1) i;

INSERT INTO partners_user (id, password, email, name, unit_id, is_active, joined_at, version)
SELECT pg_temp.person(i), '!', 'person' || i || '@example.org',
    pg_temp.pick('first', i, '{Ama,Ben,Chloe,Dev,Ewan,Farah,Grace,Hari,Imani,Joan,Kofi,Lena,Musa,Nia,Owen,Priya}') || ' '
        || pg_temp.pick('last', i, '{Ahmed,Brown,Clarke,Davies,Evans,Foster,Green,Hughes,Iqbal,Jones,Khan,Lewis,Mensah,Okafor}') || ' ' || i,
    pg_temp.key('unit', mod(i, greatest(20 * %(programmes)s / 100, 1))), true, %(now)s - interval '2 years', 1
FROM generate_series(0, 20 * %(programmes)s - 1) i;

-- step: programmes
INSERT INTO partners_scope (id, kind, name, parent_id)
SELECT pg_temp.key('portfolio scope', 1), 'portfolio', 'The whole force', id FROM partners_scope WHERE kind = 'organisation';

INSERT INTO portfolio_portfolio (id, scope_id, name, description, version)
VALUES (pg_temp.key('portfolio', 1), pg_temp.key('portfolio scope', 1), 'The whole force', '', 1);

CREATE TEMP TABLE made_programme AS
SELECT i, pg_temp.key('programme', i) AS id, pg_temp.key('programme scope', i) AS scope_id,
    pg_temp.pick('kind', i, '{Digital,Mobile,Connected,Shared,Joined-up,Local}') || ' '
        || pg_temp.pick('field', i, '{custody,evidence,contact,intelligence,estates,rostering,case files,training}')
        || ' ' || i AS name
FROM generate_series(0, %(programmes)s - 1) i;

INSERT INTO partners_scope (id, kind, name, parent_id)
SELECT scope_id, 'programme', name, pg_temp.key('portfolio scope', 1) FROM made_programme;

INSERT INTO programmes_programme (id, scope_id, name, summary, delivery_model, owner_id, set_up_at, set_up_by_id, version)
SELECT id, scope_id, name, 'Replaces what officers do twice with what they do once.',
    pg_temp.pick('model', i, '{business_partner,taskforce,internally_supported,other}'),
    pg_temp.person(i * 20), %(now)s - interval '1 year', pg_temp.person(0), 1
FROM made_programme;

INSERT INTO programmes_programmeconstraint (id, programme_id, text, source, recorded_at, recorded_by_id)
SELECT pg_temp.key('constraint', i), id, 'It must not become a contract that only one supplier can serve.', 'Board paper 7',
    %(now)s - interval '1 year', pg_temp.person(0)
FROM made_programme;

INSERT INTO programmes_lesson (id, programme_id, title, text, learned_on, recorded_at, recorded_by_id)
SELECT pg_temp.key('lesson', i), id, 'Ask the night shift first', 'They found what the pilot by day did not.',
    (%(now)s - interval '90 days')::date, %(now)s - interval '80 days', pg_temp.person(0)
FROM made_programme;

INSERT INTO programmes_deliverymodelperiod (programme_id, delivery_model, from_on, recorded_at, recorded_by_id)
SELECT id, delivery_model, set_up_at::date, set_up_at, set_up_by_id FROM programmes_programme;

CREATE TEMP TABLE made_stage AS
SELECT pg_temp.key('stage', i * 3 + n) AS id, id AS programme_id, i * 3 + n AS number, n, kind, reached,
    begins + (n - reached) * 240 AS begins
FROM (
    SELECT i, id, 1 + floor(pg_temp.draw('reached', i) * 3)::int AS reached,
        %(now)s::date - floor(pg_temp.draw('begins', i) * 260)::int AS begins
    FROM made_programme
) drawn, (VALUES (1, 'technology'), (2, 'information'), (3, 'business')) AS life (n, kind);

INSERT INTO programmes_stage (id, programme_id, definition_id, position, kind, title, planned_start_on, planned_finish_on, version)
SELECT made_stage.id, programme_id, d.id, n, kind, d.title, begins, begins + 239, 1
FROM made_stage JOIN programmes_stagedefinition d ON d.key = kind;

-- Without the decisions that they stand in.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE programmes_gateoutcome DISABLE TRIGGER USER;
INSERT INTO programmes_gateoutcome (id, stage_id, number, result, conditions, decided_on, decision_id, office_title, holder_name, recorded_at, recorded_by_id)
SELECT pg_temp.key('gate', number), id, 1, 'proceed', '', begins, pg_temp.key('gate decision', number), 'Chief Constable',
    'Ola Brand', %(now)s - interval '1 year', pg_temp.person(0)
FROM made_stage WHERE n <= reached;
ALTER TABLE programmes_gateoutcome ENABLE TRIGGER USER;
SET CONSTRAINTS ALL DEFERRED;

UPDATE programmes_stage SET started_on = begins + 5, finished_on = CASE WHEN n < reached THEN begins + 244 END
FROM made_stage WHERE made_stage.id = programmes_stage.id AND n <= reached;

-- step: roles
INSERT INTO partners_roleholding (id, user_id, role, scope_id, granted_at, granted_by_id)
SELECT pg_temp.key('cio', 1), pg_temp.person(1), 'cio', pg_temp.key('portfolio scope', 1), %(now)s - interval '1 year', pg_temp.person(0);

INSERT INTO partners_roleholding (id, user_id, role, scope_id, granted_at, granted_by_id)
SELECT pg_temp.key('administrator', 1), pg_temp.person(2), 'administrator', id, %(now)s - interval '1 year', pg_temp.person(0)
FROM partners_scope WHERE kind = 'organisation';

-- Each manager runs three programmes.
INSERT INTO partners_roleholding (id, user_id, role, scope_id, granted_at, granted_by_id)
SELECT pg_temp.key('manager', i), pg_temp.person(i / 3 * 20 + 3), 'programme_manager', scope_id, %(now)s - interval '1 year', pg_temp.person(0)
FROM made_programme;

INSERT INTO partners_roleholding (id, user_id, role, scope_id, granted_at, granted_by_id)
SELECT pg_temp.key('lead', i * 20 + n), pg_temp.person(i * 20 + n), 'workstream_lead', scope_id, %(now)s - interval '1 year', pg_temp.person(0)
FROM made_programme, generate_series(0, 19) n;

-- step: workstreams
INSERT INTO programmes_workstream (id, programme_id, name, description, lead_id, started_at, version)
SELECT pg_temp.key('workstream', i * 20 + n), id,
    pg_temp.pick('stream', i * 20 + n, '{Devices,Network,Training,Data,Suppliers,Buildings,Roll-out,Records}') || ' ' || n,
    '', pg_temp.person(i * 20 + n), %(now)s - interval '1 year', 1
FROM made_programme, generate_series(0, 19) n;

-- step: statuses
-- Twelve or thirteen weekly reports each, which keep a rating for four weeks; one workstream in eight stopped reporting.
CREATE TEMP TABLE made_status AS
SELECT row_number() OVER () AS i, w, week, pg_temp.key('status', w * 100 + week) AS id,
    pg_temp.key('workstream', w) AS workstream_id, pg_temp.person(w) AS by_id, w / 20 AS programme,
    CASE WHEN pg_temp.draw('rating', w * 100 + (week + w %% 4) / 4) < 0.62 THEN 'green'
         WHEN pg_temp.draw('rating', w * 100 + (week + w %% 4) / 4) < 0.9 THEN 'amber' ELSE 'red' END AS rating,
    CASE WHEN pg_temp.draw('ask', w * 100 + week) < 0.96 THEN 'none'
         ELSE pg_temp.pick('kind of ask', w * 100 + week, '{advice,direction,decision}') END AS ask_kind,
    %(now)s - make_interval(days => 4 + 7 * (week + stopped), mins => floor(pg_temp.draw('minute', w * 100 + week) * 360)::int) AS at
FROM (
    SELECT w, 12 + mod(w, 2)::int AS reports,
        CASE WHEN pg_temp.draw('stopped', w) < 0.125 THEN 1 + floor(pg_temp.draw('for', w) * 6)::int ELSE 0 END AS stopped
    FROM generate_series(0, 20 * %(programmes)s - 1) w
) stream, LATERAL generate_series(0, reports - 1) week;

INSERT INTO programmes_statusupdate (id, workstream_id, rating, schedule, cost, scope, benefits, changed, ask_kind, ask, period_on, reported_at, reported_by_id, correction_reason, request_key)
SELECT id, workstream_id, rating, rating, 'green', 'green', 'green', 'Two sites moved over and the third has its date.',
    ask_kind, CASE ask_kind WHEN 'none' THEN '' ELSE 'Say which site goes first.' END, made_status.at::date, made_status.at, by_id, '', pg_temp.key('status request', w * 100 + week)
FROM made_status ORDER BY made_status.at, id;

INSERT INTO programmes_statusstep (update_id, position, text, is_done)
SELECT id, 0, 'Agree the order of the next sites.', false FROM made_status ORDER BY made_status.at, id;

UPDATE programmes_workstream w SET current_update_id = s.id, current_rating = s.rating, current_reported_at = s.at,
    current_period_on = s.at::date, current_ask_kind = s.ask_kind
FROM made_status s WHERE s.workstream_id = w.id AND s.week = 0;

-- step: one large programme
-- The first programme has 180 workstreams more, each with one report.
CREATE TEMP TABLE made_more AS
SELECT n, pg_temp.key('more workstream', n) AS id, pg_temp.key('more status', n) AS status_id, pg_temp.person(mod(n, 20)) AS by_id,
    CASE WHEN n %% 9 = 0 THEN 'red' WHEN n %% 4 = 0 THEN 'amber' ELSE 'green' END AS rating,
    %(now)s - make_interval(days => CASE WHEN n %% 10 = 0 THEN 25 ELSE 4 END) AS at
FROM generate_series(1, 180) n;

INSERT INTO programmes_workstream (id, programme_id, name, description, lead_id, started_at, version)
SELECT made_more.id, made_programme.id, 'Site ' || n, '', by_id, %(now)s - interval '1 year', 1
FROM made_more, made_programme WHERE i = 0;

INSERT INTO programmes_statusupdate (id, workstream_id, rating, schedule, cost, scope, benefits, changed, ask_kind, ask, period_on, reported_at, reported_by_id, correction_reason, request_key)
SELECT status_id, id, rating, rating, 'green', 'green', 'green', 'The site has its date.', 'none', '', at::date, at, by_id, '', pg_temp.key('more status request', n)
FROM made_more;

UPDATE programmes_workstream w SET current_update_id = m.status_id, current_rating = m.rating, current_reported_at = m.at,
    current_period_on = m.at::date, current_ask_kind = 'none'
FROM made_more m WHERE m.id = w.id;

-- step: milestones, links, assurance and actions
-- Three milestones for each programme, one of them critical; one critical in five slipped. One workstream in ten needs another.
INSERT INTO programmes_deliverymilestone (id, programme_id, workstream_id, name, is_critical, baseline_on, forecast_on, drop_reason, recorded_at, recorded_by_id)
SELECT pg_temp.key('delivery milestone', i * 3 + n), id, CASE WHEN n < 2 THEN pg_temp.key('workstream', i * 20 + n) END,
    'Milestone ' || n, n = 0, day, day + CASE WHEN pg_temp.draw('slip', i * 3 + n) < 0.2 THEN 14 ELSE 0 END, '',
    %(now)s - interval '200 days', pg_temp.person(0)
FROM made_programme, generate_series(0, 2) n,
    LATERAL (SELECT %(now)s::date - 3 + floor(pg_temp.draw('milestone', i * 3 + n) * 200)::int AS day) AS planned;

INSERT INTO programmes_workstreamlink (id, dependant_id, provider_id, what, recorded_at, recorded_by_id)
SELECT pg_temp.key('link', i * 2 + n), pg_temp.key('workstream', i * 20 + n),
    pg_temp.key('workstream', mod(i * 20 + 37 + floor(pg_temp.draw('provider', i * 2 + n) * 400)::int, 20 * %(programmes)s)), 'Its data',
    %(now)s - interval '200 days', pg_temp.person(0)
FROM made_programme, generate_series(0, 1) n;

INSERT INTO programmes_assurancerating (id, programme_id, scale, rating, words, assured_by, assured_on, expires_on, withdraw_reason, recorded_at, recorded_by_id)
SELECT pg_temp.key('assurance', i), id, 'five_point', pg_temp.pick('assurance', i, '{green,amber_green,amber,amber_red,red}'),
    'As seen.', 'Gateway team', (%(now)s - interval '40 days')::date, (%(now)s + interval '140 days')::date, '',
    %(now)s - interval '39 days', pg_temp.person(0)
FROM made_programme WHERE mod(i, 10) = 3;

INSERT INTO programmes_ratingoverride (id, programme_id, rating, reason, period_on, recorded_at, recorded_by_id)
SELECT pg_temp.key('override', i), id, 'amber', 'Agreed with the board.', (%(now)s + interval '3 days')::date,
    %(now)s - interval '2 days', pg_temp.person(1)
FROM made_programme WHERE mod(i, 25) = 7;

-- Four actions for each programme; of one programme in ten two are conditions of its gate.
INSERT INTO programmes_raidentry (id, programme_id, kind, number, title, description, response, outcome, owner_id, due_on, origin, origin_id, raised_on, recorded_at, recorded_by_id)
SELECT pg_temp.key('action', i * 4 + n), id, 'action', n, 'Call the supplier about site ' || n, '', '', '', pg_temp.person(i * 20 + n),
    %(now)s::date - 5 + floor(pg_temp.draw('action', i * 4 + n) * 120)::int,
    CASE WHEN is_condition THEN 'gate_condition' ELSE '' END, CASE WHEN is_condition THEN pg_temp.key('condition', i * 4 + n) END,
    (%(now)s - interval '60 days')::date, %(now)s - interval '60 days', pg_temp.person(0)
FROM made_programme, generate_series(1, 4) n, LATERAL (SELECT mod(i, 10) = 5 AND n < 3 AS is_condition) AS chosen;

-- step: reviews
CREATE TEMP TABLE made_review AS
SELECT i, id AS programme_id, pg_temp.key('review', i) AS id,
    date_trunc('day', %(now)s) - make_interval(days => floor(pg_temp.draw('review', i) * 150)::int) + interval '9 hours' AS opens_at
FROM made_programme;

INSERT INTO programmes_review (id, programme_id, title, purpose, opens_at, closes_at, opened_at, opened_by_id, cancel_reason, request_key)
SELECT id, programme_id, 'What works on the ground ' || i, 'To hear where the new tools help and where they do not.', opens_at,
    opens_at + interval '53 days 8 hours', opens_at, pg_temp.person(i / 3 * 20 + 3), '', pg_temp.key('review request', i)
FROM made_review;

INSERT INTO programmes_milestone (id, review_id, key, title, due_at, due_reason, state, skip_reason)
SELECT pg_temp.key('milestone', i * 10 + n), id, 'step-' || n, title, opens_at + make_interval(days => days), 'Counted from the opening', 'planned', ''
FROM made_review, (VALUES (1, 'Invite', 7), (2, 'Half way', 28), (3, 'Last call', 46), (4, 'Close', 53)) AS step (n, title, days);

INSERT INTO programmes_consultation (id, review_id, title, introduction, launched_at, launched_by_id, version)
SELECT pg_temp.key('consultation', i), id, 'Tell us what works ' || i, 'Ten minutes, on any device.', opens_at, pg_temp.person(i / 3 * 20 + 3), 1
FROM made_review;

INSERT INTO programmes_question (id, consultation_id, position, kind, text, help_text, is_required, options)
SELECT pg_temp.key('question', i * 10 + n), pg_temp.key('consultation', i), n, 'long_text', 'What would you change first?', '', true, '[]'
FROM made_review, generate_series(1, 3) n;

INSERT INTO programmes_consultationtask (id, consultation_id, person_id, unit_name, state, asked_at)
SELECT pg_temp.key('task', i * 100 + n), pg_temp.key('consultation', i), pg_temp.person(i * 20 + n), '', 'not_started', opens_at
FROM made_review, generate_series(0, 39) n;

-- step: audit events
INSERT INTO partners_auditevent (happened_at, actor_id, actor_name, action, subject_kind, subject_id, scope_id, summary, before, after)
SELECT s.at, s.by_id, 'Person ' || s.w, 'reporting.record_status_update', 'statusupdate', s.id,
    pg_temp.key('programme scope', s.programme), 'reported ' || s.rating || ' for workstream ' || s.w,
    jsonb_build_object('rating', before.rating), jsonb_build_object('rating', s.rating, 'ask_kind', s.ask_kind)
FROM made_status s LEFT JOIN made_status before ON before.w = s.w AND before.week = s.week + 1
ORDER BY s.at, s.id;
