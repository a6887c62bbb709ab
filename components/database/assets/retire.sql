-- The end of a turn (docs/rotation.md): one that logged in before does so no more. Idempotent.
\set ECHO none
\set VERBOSITY terse
\set SHOW_CONTEXT never
\getenv user LOGIN_USER
SET client_min_messages = warning;

SELECT format('ALTER ROLE %I WITH NOLOGIN PASSWORD NULL', :'user')
WHERE EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'user') \gexec
