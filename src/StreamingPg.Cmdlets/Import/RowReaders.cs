using System.Collections;
using System.Data;
using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Chooses how an object is read, and into which table: the one that was named, else the one its type belongs to.</summary>
internal sealed class RowReaders(StreamModel model, string? table, InputForm form)
{
    private static readonly Dictionary<string, Func<StreamingUser, object?>> UserProperties = new()
    {
        [nameof(StreamingUser.UserId)] = static user => user.UserId,
        [nameof(StreamingUser.Name)] = static user => user.Name,
        [nameof(StreamingUser.Email)] = static user => user.Email,
        [nameof(StreamingUser.Age)] = static user => user.Age,
        [nameof(StreamingUser.City)] = static user => user.City,
        [nameof(StreamingUser.RegistrationDate)] = static user => user.RegistrationDate,
    };

    private static readonly Dictionary<string, Func<StreamingTransaction, object?>> TransactionProperties = new()
    {
        [nameof(StreamingTransaction.TransactionId)] = static transaction => transaction.TransactionId,
        [nameof(StreamingTransaction.UserId)] = static transaction => transaction.UserId,
        [nameof(StreamingTransaction.Amount)] = static transaction => transaction.Amount,
        [nameof(StreamingTransaction.TransactionDate)] = static transaction => transaction.TransactionDate,
        [nameof(StreamingTransaction.Status)] = static transaction => transaction.Status,
    };

    private static readonly Dictionary<string, Func<StreamingDetail, object?>> DetailProperties = new()
    {
        [nameof(StreamingDetail.Id)] = static detail => detail.Id,
        [nameof(StreamingDetail.TransactionId)] = static detail => detail.TransactionId,
        [nameof(StreamingDetail.UserId)] = static detail => detail.UserId,
        [nameof(StreamingDetail.ProductName)] = static detail => detail.ProductName,
        [nameof(StreamingDetail.Quantity)] = static detail => detail.Quantity,
        [nameof(StreamingDetail.UnitPrice)] = static detail => detail.UnitPrice,
        [nameof(StreamingDetail.CreatedAt)] = static detail => detail.CreatedAt,
    };

    private readonly Dictionary<Type, RowReader> _byType = [];
    private readonly Dictionary<string, RowReader> _byTable = new(StringComparer.Ordinal);

    /// <summary>The reader for objects like this one.</summary>
    /// <exception cref="StreamingException">No table is known for it, or its properties do not fit.</exception>
    public RowReader For(PSObject wrapped)
    {
        var input = wrapped.BaseObject;
        if (table is null && input is PSCustomObject && RowObject.TableOf(wrapped) is { } name)
        {
            return _byTable.TryGetValue(name, out var known) ? known : _byTable[name] = new PropertyRowReader(FindTable(name));
        }

        if (input is StreamingUser or StreamingTransaction or StreamingDetail && HasOwnProperties(wrapped))
        {
            var own = table ?? TableOf(input);
            return _byTable.TryGetValue(own, out var changed) ? changed : _byTable[own] = new PropertyRowReader(FindTable(own));
        }

        var type = input.GetType();
        if (!_byType.TryGetValue(type, out var reader))
        {
            reader = Make(input);
            _byType.Add(type, reader);
        }

        return reader;
    }

    private RowReader Make(object input) => input switch
    {
        string or ValueType => throw new StreamingException(
            ErrorIds.InputNotRow,
            StreamingErrorKind.InvalidInput,
            $"A value of type {input.GetType().Name} is not a row: it has no columns.",
            "Read the lines of a file with ConvertFrom-Csv or ConvertFrom-Json, or name the file with -Path.",
            input),
        DirectoryInfo => throw new StreamingException(
            ErrorIds.InputNotRow, StreamingErrorKind.InvalidInput, $"The folder \"{input}\" is not a row.", "Pipe its files: Get-ChildItem -File.", input),
        StreamingUser => new RecordRowReader<StreamingUser>(FindTable(table ?? TableOf(input)), UserProperties),
        StreamingTransaction => new RecordRowReader<StreamingTransaction>(FindTable(table ?? TableOf(input)), TransactionProperties),
        StreamingDetail => new RecordRowReader<StreamingDetail>(FindTable(table ?? TableOf(input)), DetailProperties),
        _ when table is null => throw new StreamingException(
            ErrorIds.TableRequired,
            StreamingErrorKind.InvalidInput,
            $"No table is known for an object of type {input.GetType().Name} belongs to.",
            $"Use -Table: {TableNames()}.",
            input),
        IDataRecord or DataRow => new DataRecordRowReader(FindTable(table)),
        IDictionary => new DictionaryRowReader(FindTable(table)),
        _ => new PropertyRowReader(FindTable(table)),
    };

    /// <summary>True when a script added properties to the object, or put its own before those that it has.</summary>
    private static bool HasOwnProperties(PSObject record)
    {
        foreach (var property in record.Properties)
        {
            // Those of the object itself are listed before those of its type.
            return property.IsInstance;
        }

        return false;
    }

    private static string TableOf(object record) => record switch
    {
        StreamingUser => DefaultTables.Users,
        StreamingTransaction => DefaultTables.Transactions,
        _ => DefaultTables.Details,
    };

    private InputTable FindTable(string name) => InputTable.Find(model, name, form);

    private string TableNames() => string.Join(", ", model.Tables.Select(static candidate => candidate.Name));
}
