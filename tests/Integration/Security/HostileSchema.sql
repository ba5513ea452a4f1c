-- What a role with CREATE on schema public can plant there. Each function counts its calls in a sequence, which a rollback does not take
-- back. Read by the tests of the command line (HostileSchemaTests) and of the cmdlets (HostileSchema.Tests.ps1).
CREATE SEQUENCE public.calls MINVALUE 0 START 0;
CREATE TABLE public.called (what text);
GRANT ALL ON SEQUENCE public.calls TO PUBLIC;
GRANT ALL ON public.called TO PUBLIC;
CREATE TYPE public.stranger AS ENUM ('x');
DO $plant$
DECLARE
    types CONSTANT text[] := ARRAY['smallint', 'integer', 'bigint', 'oid', 'text', 'varchar', 'bpchar', 'name', '"char"', 'numeric', 'real',
        'double precision', 'uuid', 'timestamp', 'timestamptz', 'date', 'interval', 'boolean', 'jsonb', 'regclass', 'regproc', 'xid', 'tid', 'public.stranger'];
    arrays CONSTANT text[] := ARRAY['smallint[]', 'integer[]', 'bigint[]', 'text[]', 'varchar[]', 'name[]', 'uuid[]', 'timestamp[]',
        'timestamptz[]', 'oid[]', 'numeric[]', 'double precision[]', 'boolean[]', 'int2vector', 'oidvector'];
    functions CONSTANT text[] := ARRAY['unnest', 'count', 'max', 'min', 'sum', 'avg', 'length', 'lower', 'upper', 'md5', 'concat', 'array_agg',
        'bool_and', 'bool_or', 'jsonb_agg', 'jsonb_each_text', 'to_jsonb', 'setval', 'nextval', 'currval', 'pg_relation_size', 'pg_table_size',
        'pg_total_relation_size', 'pg_indexes_size', 'pg_stat_get_live_tuples', 'pg_partition_tree', 'pg_stat_get_xact_tuples_inserted',
        'obj_description', 'pg_get_indexdef', 'pg_get_constraintdef', 'pg_get_expr', 'pg_get_partition_constraintdef', 'pg_database_size',
        'pg_terminate_backend', 'current_setting', 'pg_advisory_xact_lock', 'abs', 'floor', 'round', 'trunc', 'random', 'age', 'cardinality',
        'array_length', 'quote_ident', 'hashtext', 'format_type', 'num_nulls', 'num_nonnulls', 'int4', 'int8', 'text', 'sqrt', 'ceil',
        'jsonb_build_object', 'row_to_json', 'json_agg', 'date', 'timezone', 'date_trunc', 'has_table_privilege', 'has_schema_privilege',
        'has_sequence_privilege', 'has_any_column_privilege', 'array_to_string', 'generate_series', 'greatest', 'string_agg', 'concat_ws',
        'pg_sequence_last_value', 'pg_size_bytes', 'array_position', 'json_build_object', 'hashtextextended', 'to_char', 'date_part'];
    f text; a text; b text; o text; n integer := 0;
BEGIN
    FOREACH f IN ARRAY functions LOOP
        FOREACH a IN ARRAY types || arrays LOOP
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS text LANGUAGE plpgsql AS %L', f, a,
                format('BEGIN PERFORM pg_catalog.nextval(''public.calls''); INSERT INTO public.called VALUES (%L); RETURN NULL; END', f || '(' || a || ')'));
        END LOOP;
    END LOOP;
    FOREACH a IN ARRAY types LOOP
        FOREACH b IN ARRAY types LOOP
            EXECUTE format('CREATE FUNCTION public.operator_%s(%s, %s) RETURNS boolean LANGUAGE plpgsql AS %L', n, a, b,
                format('BEGIN PERFORM pg_catalog.nextval(''public.calls''); INSERT INTO public.called VALUES (%L); RETURN true; END', 'operator(' || a || ', ' || b || ')'));
            FOREACH o IN ARRAY ARRAY['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '||', '%', '~', '~~', '&'] LOOP
                EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.operator_%s)', o, a, b, n);
            END LOOP;
            n := n + 1;
        END LOOP;
    END LOOP;
    -- A cast needs a type of one's own, and holds in whatever schema it is used.
    FOREACH a IN ARRAY types LOOP
        CONTINUE WHEN a = 'public.stranger';
        FOR o, b IN VALUES (a, 'public.stranger'), ('public.stranger', a) LOOP
            EXECUTE format('CREATE FUNCTION public.cast_%s(%s) RETURNS %s LANGUAGE plpgsql AS %L', n, o, b,
                format('BEGIN PERFORM pg_catalog.nextval(''public.calls''); INSERT INTO public.called VALUES (%L); RETURN NULL; END', 'cast(' || o || ' as ' || b || ')'));
            EXECUTE format('CREATE CAST (%s AS %s) WITH FUNCTION public.cast_%s(%s) AS %s', o, b, n, o, CASE WHEN b = 'public.stranger' THEN 'IMPLICIT' ELSE 'ASSIGNMENT' END);
            n := n + 1;
        END LOOP;
    END LOOP;
END
$plant$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;
