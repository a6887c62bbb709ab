-- One login of BPA (R10): a role with its password, and a database that it owns. Idempotent.
\set ECHO none
\set VERBOSITY terse
\set SHOW_CONTEXT never
\getenv role LOGIN_ROLE
\getenv database LOGIN_DATABASE
\getenv password LOGIN_PASSWORD

-- Camunda cannot log in with a SCRAM password (R09), and a hash that exists does not change with the setting.
SELECT current_setting('password_encryption') <> 'md5' AS wrong_encryption \gset
\if :wrong_encryption
  DO $$ BEGIN RAISE EXCEPTION 'password_encryption must be md5 before a role is made: is the parameter group attached?'; END $$;
\endif

-- What fails is not written to the server's log with the password in it. Where the user may not set it, RDS has the
-- same default for us: log_min_error_statement is a superuser's setting.
SELECT format('CREATE ROLE %I', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role') \gexec

-- A role that was there before is brought to the rights of a new one. SUPERUSER, REPLICATION and BYPASSRLS are a
-- superuser's to change, and RDS gives them to nobody.
SELECT format('ALTER ROLE %I WITH LOGIN INHERIT NOCREATEROLE NOCREATEDB CONNECTION LIMIT -1 VALID UNTIL %L PASSWORD %L',
  :'role', 'infinity', :'password') \gexec

-- The master user is no superuser: it can hand a database only to a role that it is a member of.
SELECT format('GRANT %I TO CURRENT_USER', :'role')
WHERE NOT pg_has_role(current_user, :'role', 'MEMBER') \gexec

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = :'database') \gexec

SELECT format('ALTER DATABASE %I OWNER TO %I', :'database', :'role')
FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
WHERE d.datname = :'database' AND r.rolname <> :'role' \gexec

SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', :'database') \gexec
SELECT format('GRANT ALL ON DATABASE %I TO %I', :'database', :'role') \gexec

-- From PostgreSQL 15 on, only the owner of schema public may create in it, and the owner of a new database is not.
\connect :"database"
SELECT format('GRANT ALL ON SCHEMA public TO %I', :'role') \gexec
