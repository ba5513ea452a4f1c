using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Export;

/// <summary>Reads the rows of a table by COPY ... TO STDOUT (FORMAT binary), in blocks of whole rows.</summary>
internal static class CopySource
{
    // Signature, flags and length of the header's extension: PostgreSQL documentation, COPY, "File Header". A field count of -1 ends the data.
    private const int HeaderLength = 19;
    private const short Trailer = -1;

    /// <summary>The rows of a table; whoever takes a block disposes it.</summary>
    public static async IAsyncEnumerable<RowBlock> ReadAsync(
        NpgsqlConnection open, string schema, TableModel table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var columns = string.Join(", ", table.WrittenColumns.Select(ColumnSql.AsCopied));
        var sql = $"COPY (SELECT {columns} FROM {Identifier.Quote(schema, table.Name)}) TO STDOUT (FORMAT binary)";
        var stream = await ServerCall.RunAsync(open, stop => open.BeginRawBinaryCopyAsync(sql, stop), cancellationToken).ConfigureAwait(false);
        var (isBegun, isEnded) = (false, false);
        try
        {
            using var rest = new RowBlock();
            while (!isEnded)
            {
                if (rest.Length == rest.Buffer.Length)
                {
                    rest.Grow(2 * rest.Length); // a row that is longer than a block
                }

                var read = await ServerCall.RunAsync(open, stop => stream.ReadAsync(rest.Buffer.AsMemory(rest.Length), stop).AsTask(), cancellationToken)
                    .ConfigureAwait(false);
                if (read == 0)
                {
                    throw new InvalidDataException($"The server ended COPY of \"{table.Name}\" without its trailer.");
                }

                rest.Length += read;
                var from = 0;
                if (!isBegun)
                {
                    if (rest.Length < HeaderLength)
                    {
                        continue;
                    }

                    (isBegun, from) = (true, HeaderLength);
                }

                var (to, rows) = Whole(rest.Memory.Span, from);
                isEnded = rest.Length - to >= sizeof(short) && BinaryPrimitives.ReadInt16BigEndian(rest.Memory.Span[to..]) == Trailer;
                if (rows > 0)
                {
                    var block = new RowBlock(to - from) { Length = to - from, Rows = rows };
                    rest.Memory.Span[from..to].CopyTo(block.Buffer);
                    yield return block;
                }

                rest.Memory.Span[to..].CopyTo(rest.Buffer);
                rest.Length -= to;
            }

            await ServerCall.RunAsync(open, _ => stream.DisposeAsync().AsTask(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isEnded)
            {
                await CopyTarget.GiveUpAsync(open, stream).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Where the whole rows end, and how many they are.</summary>
    private static (int End, int Rows) Whole(ReadOnlySpan<byte> bytes, int from)
    {
        var (end, rows) = (from, 0);
        while (RowEnd(bytes, end) is { } next)
        {
            (end, rows) = (next, rows + 1);
        }

        return (end, rows);
    }

    private static int? RowEnd(ReadOnlySpan<byte> bytes, int start)
    {
        if (bytes.Length - start < sizeof(short) || BinaryPrimitives.ReadInt16BigEndian(bytes[start..]) is var fields && fields < 0)
        {
            return null;
        }

        var position = start + sizeof(short);
        for (; fields > 0; fields--)
        {
            if (bytes.Length - position < sizeof(int))
            {
                return null;
            }

            position += sizeof(int) + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(bytes[position..]));
            if (position > bytes.Length)
            {
                return null;
            }
        }

        return position;
    }
}
