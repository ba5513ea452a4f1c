using System.Globalization;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Security;

/// <summary>
/// What a role with CREATE on schema public can plant there: functions, operators and casts that fit the arguments of a query better
/// than PostgreSQL's own, and types of the same names. Each counts its calls, which a rollback does not take back.
/// </summary>
internal static class HostileSchema
{
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
        await database.ExecuteAsync(await PlantSqlAsync());
        if (isFirst)
        {
            await database.ExecuteAsync(TypesSql);
            await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET search_path = public, pg_catalog");
        }
    }

    private static async Task<string> PlantSqlAsync()
    {
        await using var resource = typeof(HostileSchema).Assembly.GetManifestResourceStream("HostileSchema.sql")!;
        using var reader = new StreamReader(resource);
        return await reader.ReadToEndAsync();
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
