-- One login of BPA (R10): a role, a database that it owns, and the user whose turn it is to log in: the role itself, or
-- one that becomes the role by logging in, so that what it makes is the role's. The other of the two is left alone: until
-- the application has rolled, it logs in as that one. Idempotent. PostgreSQL 14 or later.
\set ECHO none
\set VERBOSITY terse
\set SHOW_CONTEXT never
\getenv role LOGIN_ROLE
\getenv database LOGIN_DATABASE
\getenv user LOGIN_USER
\getenv hash LOGIN_HASH
SET client_min_messages = warning;

-- The hash is made by bootstrap.sh. The setting is checked all the same: Camunda cannot log in with a SCRAM password
-- (R09), and whoever changes a password later by hand gets what the setting says.
SELECT current_setting('password_encryption') <> 'md5' AS wrong_encryption \gset
\if :wrong_encryption
  DO $$ BEGIN RAISE EXCEPTION 'password_encryption must be md5 before a role is made: is the parameter group attached?'; END $$;
\endif

SELECT format('CREATE ROLE %I', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role') \gexec

SELECT format('CREATE ROLE %I', :'user')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'user') \gexec

-- A role that was there before is brought to the rights of a new one. SUPERUSER, REPLICATION and BYPASSRLS are a
-- superuser's to change, and RDS gives them to nobody.
SELECT format('ALTER ROLE %I WITH INHERIT NOCREATEROLE NOCREATEDB CONNECTION LIMIT -1 VALID UNTIL %L', name, 'infinity')
FROM unnest(ARRAY[:'role', :'user']) name \gexec

SELECT format('GRANT %I TO %I', :'role', :'user'), format('ALTER ROLE %I SET role TO %L', :'user', :'role')
WHERE :'role' <> :'user' \gexec

SELECT format('ALTER ROLE %I WITH LOGIN PASSWORD %L', :'user', :'hash') \gexec

-- The master user is no superuser: it can hand a database only to a role that it may become. From PostgreSQL 16 on, who
-- makes a role may administer it, and still has to grant itself the right to become it.
SELECT format('GRANT %I TO CURRENT_USER', :'role') \gexec

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = :'database') \gexec

SELECT format('ALTER DATABASE %I OWNER TO %I', :'database', :'role')
FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
WHERE d.datname = :'database' AND r.rolname <> :'role' \gexec

-- The owner may do everything in its database: schema public belongs to pg_database_owner, which it is a member of.
SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', :'database') \gexec
