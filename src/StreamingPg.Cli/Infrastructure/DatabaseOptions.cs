using System.CommandLine;
using System.CommandLine.Parsing;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Server;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say which database and which tables. No option takes a password: other users see arguments.</summary>
internal static class DatabaseOptions
{
    private static readonly Option<string?> ConnectionString = new("--connection-string")
    {
        Description = "Npgsql connection string, URI (postgresql://...) or service=name of pg_service.conf, without the password",
        HelpName = "text",
        Validators =
        {
            result =>
            {
                RefusePassword("--connection-string", result);
            },
        },
    };

    private static readonly Option<string?> Host = new("--host")
    {
        Description = "Host name, IP address or socket folder; or a URI (postgresql://...), without the password",
        HelpName = "name",
        Validators = { result => RefusePassword("--host", result) },
    };

    private static readonly Option<int?> Port = NumberOption.Create(
        "--port", "Port", ConnectionParameters.MinPort, ConnectionParameters.MaxPort);

    private static readonly Option<string?> Database = new("--database") { Description = "Database name", HelpName = "name" };
    private static readonly Option<string?> UserName = new("--username") { Description = "Role", HelpName = "name" };

    private static readonly Option<FileInfo> PasswordFile = new Option<FileInfo>("--password-file")
    {
        Description = "File whose first line is the password [default: PGPASSWORD, ~/.pgpass, or POSTGRES_PASSWORD beside POSTGRES_HOST]",
        HelpName = "file",
    }.AcceptExistingOnly();

    private static readonly Option<string?> Schema = new("--schema")
    {
        Description = $"Schema of the tables [default: POSTGRES_SCHEMA or {SettingsResolver.DefaultSchema}]",
        HelpName = "name",
    };

    private static readonly Option<string?> SslMode = new("--ssl-mode")
    {
        Description = $"TLS mode: {string.Join(", ", SettingsResolver.SslModes)}",
        HelpName = "mode",
    };

    private static readonly Option<int?> MaxPoolSize = NumberOption.Create(
        "--max-pool-size", "Maximum number of open connections [default: 100]", 1, ConnectionParameters.PoolSizeLimit);

    private static readonly Option<string?> Metadata = new("--metadata")
    {
        Description = "metadata.json that describes the tables, or - for standard input [default: users, transactions, detailed_transactions]",
        HelpName = "file",
    };

    /// <summary>Assemblies with generators of the user's own.</summary>
    public static readonly Option<string[]> GeneratorPath = new("--generator-path")
    {
        Description = ".NET assemblies with generators of your own, which the metadata names",
        HelpName = "file",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>The document that was piped, which can be read once, and is asked for again when an error is explained.</summary>
    private static readonly Lazy<string> StandardInput = new(Console.In.ReadToEnd);

    /// <summary>Adds the options to a command on tables.</summary>
    /// <param name="command">The command.</param>
    /// <param name="purposes">What it does with the database; nothing if it needs no rights.</param>
    public static void AddTo(StreamingCommand command, params IReadOnlyList<ConnectionPurpose> purposes)
    {
        AddConnectionTo(command, purposes);
        AddMetadataTo(command);
    }

    /// <summary>Adds the options that say which database.</summary>
    public static void AddConnectionTo(StreamingCommand command, params IReadOnlyList<ConnectionPurpose> purposes)
    {
        command.AddOptions(ConnectionString, Host, Port, Database, UserName, PasswordFile, Schema, SslMode, MaxPoolSize);
        command.Purposes = purposes;
    }

    /// <summary>Adds the option that says which tables, to a command that needs no database.</summary>
    public static void AddMetadataTo(StreamingCommand command) => command.AddOptions(Metadata, GeneratorPath);

    /// <summary>The schema that a command without a database means.</summary>
    public static string SchemaOf(ParseResult parsed) => parsed.GetValue(Schema) ?? SettingsResolver.DefaultSchema;

    /// <summary>A handle to the database that was requested; nothing is opened yet.</summary>
    public static DatabaseConnection Connect(ParseResult parsed)
    {
        var parameters = new ConnectionParameters
        {
            ConnectionString = parsed.GetValue(ConnectionString),
            HostName = parsed.GetValue(Host),
            Port = parsed.GetValue(Port),
            Database = parsed.GetValue(Database),
            UserName = parsed.GetValue(UserName),
            Password = parsed.GetValue(PasswordFile) is { } file ? File.ReadLines(file.FullName).FirstOrDefault() : null,
            Schema = parsed.GetValue(Schema),
            SslMode = parsed.GetValue(SslMode),
            MaxPoolSize = parsed.GetValue(MaxPoolSize),
        };
        return SettingsResolver.Resolve(parameters, Environment.CurrentDirectory);
    }

    /// <summary>The tables that were requested.</summary>
    public static StreamModel ReadModel(ParseResult parsed) => parsed.GetValue(Metadata) switch
    {
        "-" => MetadataReader.Parse(StandardInput.Value, "standard input", Generators(parsed)),
        { } text when MetadataReader.IsText(text) => MetadataReader.Parse(text, own: Generators(parsed)),
        var path => MetadataReader.Load(path, Generators(parsed)),
    };

    /// <summary>The generators of the user's own.</summary>
    public static OwnGenerators Generators(ParseResult parsed) => new OwnGenerators().AddFrom(parsed.GetValue(GeneratorPath)?.Select(Path.GetFullPath));

    /// <summary>True when the tables come from standard input.</summary>
    public static bool ReadsStandardInput(SymbolResult result) => result.GetValue(Metadata) == "-";

    /// <summary>An error that names the rights that the role lacks, if it is of that kind.</summary>
    public static async Task<StreamingException> NameRightsAsync(
        StreamingException error, ParseResult parsed, IReadOnlyList<ConnectionPurpose> purposes, CancellationToken cancellationToken)
    {
        if (error.ErrorId != ErrorIds.PermissionDenied || purposes.Count == 0)
        {
            return error;
        }

        await using var connection = Connect(parsed);
        return await RightsAdvice.CompleteAsync(error, connection, ReadModel(parsed), purposes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>True when tables were requested.</summary>
    public static bool NamesMetadata(ParseResult parsed) => parsed.GetValue(Metadata) is not null;

    private static void RefusePassword(string option, OptionResult result)
    {
        if (HoldsPassword(result.GetValueOrDefault<string?>()))
        {
            result.AddError($"{option} contains a password, which every user of this machine could read. Use PGPASSWORD, --password-file or ~/.pgpass.");
        }
    }

    private static bool HoldsPassword(string? connectionString)
    {
        try
        {
            return (ConnectionUri.IsUri(connectionString) ? ConnectionUri.Parse(connectionString!) : new NpgsqlConnectionStringBuilder(connectionString))
                .Password is not null;
        }
        catch (Exception exception) when (exception is ArgumentException or StreamingException)
        {
            return false; // Not a connection string at all: the engine says so, with its remedy.
        }
    }
}
