using System.CommandLine;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Server;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say which database and which tables. No option takes a password: other users see arguments.</summary>
internal sealed class DatabaseOptions
{
    private readonly Option<string?> _connectionString = new("--connection-string")
    {
        Description = "Npgsql connection string, without the password",
        HelpName = "text",
    };

    private readonly Option<string?> _host = new("--host") { Description = "Host name, address or socket folder", HelpName = "name" };
    private readonly Option<int?> _port = new("--port") { Description = "Port", HelpName = "number" };
    private readonly Option<string?> _database = new("--database") { Description = "Database", HelpName = "name" };
    private readonly Option<string?> _userName = new("--username") { Description = "Role", HelpName = "name" };

    private readonly Option<FileInfo> _passwordFile = new Option<FileInfo>("--password-file")
    {
        Description = "File whose first line is the password [default: PGPASSWORD, ~/.pgpass, or POSTGRES_PASSWORD beside POSTGRES_HOST]",
        HelpName = "file",
    }.AcceptExistingOnly();

    private readonly Option<string?> _schema = new("--schema")
    {
        Description = $"Schema of the tables [default: POSTGRES_SCHEMA or {SettingsResolver.DefaultSchema}]",
        HelpName = "name",
    };

    private readonly Option<string?> _sslMode = new("--ssl-mode")
    {
        Description = "Disable, Allow, Prefer, Require, VerifyCA or VerifyFull",
        HelpName = "mode",
    };

    private readonly Option<int?> _maxPoolSize = new("--max-pool-size")
    {
        Description = "Most connections that are open at a time [default: 100]",
        HelpName = "number",
    };

    private readonly Option<string?> _metadata = new("--metadata")
    {
        Description = "metadata.json that describes the tables [default: users, transactions, detailed_transactions]",
        HelpName = "file",
    };

    private DatabaseOptions()
    {
        _connectionString.Validators.Add(result =>
        {
            if (HoldsPassword(result.GetValueOrDefault<string?>()))
            {
                result.AddError("--connection-string holds a password, which every user of this machine could read. "
                    + "Give it in PGPASSWORD or in ~/.pgpass.");
            }
        });
    }

    /// <summary>Adds the options to a command.</summary>
    public static DatabaseOptions AddTo(Command command)
    {
        var options = new DatabaseOptions();
        foreach (var option in new Option[]
        {
            options._connectionString, options._host, options._port, options._database, options._userName,
            options._passwordFile, options._schema, options._sslMode, options._maxPoolSize, options._metadata,
        })
        {
            command.Options.Add(option);
        }

        return options;
    }

    /// <summary>A handle to the database that was asked for; nothing is opened yet.</summary>
    public DatabaseConnection Connect(ParseResult parsed)
    {
        var parameters = new ConnectionParameters
        {
            ConnectionString = parsed.GetValue(_connectionString),
            HostName = parsed.GetValue(_host),
            Port = parsed.GetValue(_port),
            Database = parsed.GetValue(_database),
            UserName = parsed.GetValue(_userName),
            Password = parsed.GetValue(_passwordFile) is { } file ? File.ReadLines(file.FullName).FirstOrDefault() : null,
            Schema = parsed.GetValue(_schema),
            SslMode = parsed.GetValue(_sslMode),
            MaxPoolSize = parsed.GetValue(_maxPoolSize),
        };
        return SettingsResolver.Resolve(parameters, Environment.CurrentDirectory);
    }

    /// <summary>The tables that were asked for.</summary>
    public StreamModel ReadModel(ParseResult parsed) =>
        parsed.GetValue(_metadata) is { } path ? MetadataReader.Load(path) : MetadataReader.Default;

    /// <summary>True when tables were asked for.</summary>
    public bool NamesMetadata(ParseResult parsed) => parsed.GetValue(_metadata) is not null;

    private static bool HoldsPassword(string? connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Password is not null;
        }
        catch (ArgumentException)
        {
            return false; // Not a connection string at all: the engine says so, with its remedy.
        }
    }
}
