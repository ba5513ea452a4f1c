using System.Buffers.Binary;
using System.Text;

namespace StreamingPg.Tests.Integration.Telemetry;

/// <summary>A protobuf message as its wire has it: numbered fields, without a schema.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtobufMessage(ReadOnlyMemory<byte> wire)
    {
        while (!wire.IsEmpty)
        {
            var key = ReadVarint(ref wire);
            var number = (int)(key >> 3);
            _fields.Add((key & 7) switch
            {
                0 => (number, ReadVarint(ref wire), default),
                1 => (number, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref wire, 8).Span), default),
                2 => (number, 0UL, Take(ref wire, (int)ReadVarint(ref wire))),
                5 => (number, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref wire, 4).Span), default),
                var type => throw new InvalidDataException($"Wire type {type} of field {number}."),
            });
        }
    }

    /// <summary>True when the field is there.</summary>
    public bool Has(int number) => _fields.Exists(field => field.Number == number);

    /// <summary>The messages of a repeated field.</summary>
    public IEnumerable<ProtobufMessage> All(int number) =>
        _fields.Where(field => field.Number == number).Select(field => new ProtobufMessage(field.Bytes));

    /// <summary>The message in a field; an empty one when it is not there.</summary>
    public ProtobufMessage One(int number) => All(number).FirstOrDefault() ?? new ProtobufMessage(default);

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number));

    public byte[] Bytes(int number) => _fields.FirstOrDefault(field => field.Number == number).Bytes.ToArray();

    public long Integer(int number) => (long)_fields.FirstOrDefault(field => field.Number == number).Value;

    public double Double(int number) => BitConverter.Int64BitsToDouble(Integer(number));

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> wire)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = Take(ref wire, 1).Span[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> wire, int length)
    {
        var taken = wire[..length];
        wire = wire[length..];
        return taken;
    }
}
