using System.Globalization;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Security;

/// <summary>
/// What a role with CREATE on schema public can plant there: functions and operators that fit the arguments of a query better than
/// PostgreSQL's own, and types of the same names. Each counts its calls, which a rollback does not take back.
/// </summary>
internal static class HostileSchema
{
    private const string PlantSql =
        """
        CREATE SEQUENCE public.calls MINVALUE 0 START 0;
        CREATE TABLE public.called (what text);
        GRANT ALL ON SEQUENCE public.calls TO PUBLIC;
        GRANT ALL ON public.called TO PUBLIC;
        DO $plant$
        DECLARE
            types CONSTANT text[] := ARRAY['smallint', 'integer', 'bigint', 'oid', 'text', 'varchar', 'bpchar', 'name', '"char"', 'numeric', 'real',
                'double precision', 'uuid', 'timestamp', 'timestamptz', 'date', 'interval', 'boolean', 'jsonb', 'regclass', 'regproc', 'xid', 'tid'];
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
        END
        $plant$;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;
        """;

    // Where public comes before pg_catalog, a type of its own stands for PostgreSQL's, and a cast to it runs its check.
    private const string TypesSql =
        """
        CREATE FUNCTION public.type_used(pg_catalog.text) RETURNS pg_catalog.bool LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_catalog.nextval(''public.calls''); INSERT INTO public.called VALUES (''a type''); RETURN true; END';
        CREATE DOMAIN public.text AS pg_catalog.text CHECK (public.type_used(VALUE));
        CREATE DOMAIN public.uuid AS pg_catalog.uuid CHECK (public.type_used(VALUE::pg_catalog.text));
        CREATE DOMAIN public.date AS pg_catalog.date CHECK (public.type_used(VALUE::pg_catalog.text));
        CREATE DOMAIN public.jsonb AS pg_catalog.jsonb CHECK (public.type_used(VALUE::pg_catalog.text));
        CREATE DOMAIN public.oid AS pg_catalog.oid CHECK (public.type_used(VALUE::pg_catalog.text));
        CREATE DOMAIN public.name AS pg_catalog.name CHECK (public.type_used(VALUE::pg_catalog.text));
        CREATE DOMAIN public.regclass AS pg_catalog.regclass CHECK (public.type_used(VALUE::pg_catalog.text));
        """;

    /// <summary>Plants everything; from then on every new session has public in its search path.</summary>
    /// <param name="database">The database.</param>
    /// <param name="isFirst">True to have public before pg_catalog in the search path.</param>
    public static async Task PlantAsync(TestDatabase database, bool isFirst)
    {
        await database.ExecuteAsync(PlantSql);
        if (isFirst)
        {
            await database.ExecuteAsync(TypesSql);
            await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET search_path = public, pg_catalog");
        }
    }

    /// <summary>What was called, most often first; nothing when all is well.</summary>
    public static async Task<string> CallsAsync(TestDatabase database)
    {
        await using var open = await database.Connection.OpenAsync(CancellationToken.None);
        await using var command = new Npgsql.NpgsqlCommand(
            "SET search_path = pg_catalog; SELECT s.is_called, s.last_value, (SELECT string_agg(DISTINCT what, ', ') FROM public.called) FROM public.calls s", open);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return reader.GetBoolean(0)
            ? $"{(reader.GetInt64(1) + 1).ToString(CultureInfo.InvariantCulture)} calls: {(reader.IsDBNull(2) ? "all rolled back" : reader.GetString(2))}"
            : "";
    }
}
