namespace StreamingPg.Core.Checks;

/// <summary>
/// Reads the expressions of CHECK constraints, as people write them and as pg_get_constraintdef prints them. What it does not
/// know (EXTRACT, sub-queries) is refused, never guessed.
/// </summary>
internal sealed class SqlExpressionParser
{
    private const int MaxDepth = 200;

    private static readonly string[] Comparisons = ["=", "<>", "<", "<=", ">", ">="];
    private static readonly string[] WordsWithoutBrackets =
        ["current_date", "current_timestamp", "localtimestamp", "current_time", "localtime", "current_user", "session_user"];

    private static readonly string[] RefusedWords =
        ["select", "exists", "extract", "row", "interval", "position", "substring", "overlay", "cast", "when", "from"];

    private readonly IReadOnlyList<SqlToken> _tokens;
    private int _position;
    private int _depth;

    private SqlExpressionParser(IReadOnlyList<SqlToken> tokens) => _tokens = tokens;

    private SqlToken Current => _tokens[_position];

    /// <summary>Reads an expression.</summary>
    /// <exception cref="FormatException">It cannot be read; the message is a clause.</exception>
    public static SqlExpression Parse(string sql)
    {
        var parser = new SqlExpressionParser(SqlTokenizer.Tokenize(sql));
        var expression = parser.ReadOr();
        return parser.Current.Kind == SqlTokenKind.End ? expression : throw parser.Unexpected();
    }

    private SqlExpression ReadOr() => ReadChain("or", ReadAnd);

    private SqlExpression ReadAnd() => ReadChain("and", ReadNot);

    private SqlExpression ReadChain(string word, Func<SqlExpression> readPart)
    {
        var parts = new List<SqlExpression> { readPart() };
        while (Take(word))
        {
            parts.Add(readPart());
        }

        return parts.Count == 1 ? parts[0] : new CallExpression(word, parts);
    }

    private SqlExpression ReadNot() => Deeper(() => Take("not") ? new CallExpression("not", [ReadNot()]) : ReadIs());

    private SqlExpression ReadIs()
    {
        var left = ReadComparison();
        while (Take("is"))
        {
            var negated = Take("not");
            var what = Current.Text;
            if (!Take("null") && !Take("true") && !Take("false"))
            {
                throw Unexpected();
            }

            left = new CallExpression($"is {what}", [left]);
            left = negated ? new CallExpression("not", [left]) : left;
        }

        return left;
    }

    private SqlExpression ReadComparison()
    {
        var left = ReadMatch();
        if (Current.Kind != SqlTokenKind.Operator || !Comparisons.Contains(Current.Text))
        {
            return left;
        }

        var comparison = Current.Text;
        _position++;
        if (!Current.Is("any") && !Current.Is("some") && !Current.Is("all"))
        {
            return new CallExpression(comparison, [left, ReadMatch()]);
        }

        var all = Current.Is("all");
        _position++;
        Expect("(");
        var list = ReadOr();
        Expect(")");
        return (comparison, all) switch
        {
            ("=", false) => new CallExpression("in", [left, list]),
            ("<>", true) => new CallExpression("not", [new CallExpression("in", [left, list])]),
            _ => throw new FormatException($"{comparison} {(all ? "ALL" : "ANY")} is not supported"),
        };
    }

    private SqlExpression ReadMatch()
    {
        var left = ReadOther();
        var start = _position;
        var negated = Take("not");
        SqlExpression? match = null;
        if (Take("between"))
        {
            Take("asymmetric");
            var low = ReadOther();
            Expect("and");
            match = new CallExpression("between", [left, low, ReadOther()]);
        }
        else if (Take("in"))
        {
            match = new CallExpression("in", [left, new CallExpression("list", ReadList("(", ")"))]);
        }
        else if (Take("like"))
        {
            match = new CallExpression("~~", [left, ReadOther()]);
        }
        else if (Take("ilike"))
        {
            match = new CallExpression("~~*", [left, ReadOther()]);
        }

        if (match is null)
        {
            _position = start;
            return left;
        }

        return negated ? new CallExpression("not", [match]) : match;
    }

    /// <summary>Operators that are neither comparisons nor arithmetic, such as <c>~</c>.</summary>
    private SqlExpression ReadOther() =>
        ReadLeft(ReadSum, operation => !Comparisons.Contains(operation) && operation is not ("+" or "-" or "*" or "/" or "%" or "^" or "::"));

    private SqlExpression ReadSum() => ReadLeft(ReadProduct, operation => operation is "+" or "-");

    private SqlExpression ReadProduct() => ReadLeft(ReadPower, operation => operation is "*" or "/" or "%");

    private SqlExpression ReadPower() => ReadLeft(ReadSign, operation => operation is "^");

    private SqlExpression ReadLeft(Func<SqlExpression> readPart, Func<string, bool> belongs)
    {
        var left = readPart();
        while (Current.Kind == SqlTokenKind.Operator && belongs(Current.Text))
        {
            var operation = Current.Text;
            _position++;
            left = new CallExpression(operation, [left, readPart()]);
        }

        return left;
    }

    private SqlExpression ReadSign() => Deeper(() =>
    {
        if (Take("+"))
        {
            return ReadSign();
        }

        if (!Take("-"))
        {
            return ReadCasts();
        }

        return ReadSign() switch
        {
            LiteralExpression { IsText: false, Text: var number } when !number.StartsWith('-') => new LiteralExpression("-" + number),
            var operand => new CallExpression("-", [operand]),
        };
    });

    private SqlExpression ReadCasts()
    {
        var operand = ReadPrimary();
        while (true)
        {
            if (Take("::"))
            {
                operand = new CastExpression(operand, ReadType());
            }
            else if (Take("collate"))
            {
                ReadName();
            }
            else
            {
                return operand;
            }
        }
    }

    private SqlExpression ReadPrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case SqlTokenKind.Number or SqlTokenKind.Text:
                _position++;
                return new LiteralExpression(token.Text) { IsText = token.Kind == SqlTokenKind.Text };
            case SqlTokenKind.Punctuation when token.Text == "(":
                return ReadBrackets();
            case SqlTokenKind.Word when token.Text is "true" or "false" or "null":
                _position++;
                return new LiteralExpression(token.Text);
            case SqlTokenKind.Word when token.Text == "array":
                _position++;
                return new CallExpression("list", ReadList("[", "]"));
            case SqlTokenKind.Word when token.Text == "case":
                return ReadCase();
            case SqlTokenKind.Word when token.Text == "trim":
                return ReadTrim();
            case SqlTokenKind.Word when RefusedWords.Contains(token.Text):
                throw new FormatException($"{token.Text.ToUpperInvariant()} is not supported");
            case SqlTokenKind.Word when WordsWithoutBrackets.Contains(token.Text):
                _position++;
                return new CallExpression(token.Text, []);
            case SqlTokenKind.Word or SqlTokenKind.QuotedName:
                return ReadNamed();
            default:
                throw Unexpected();
        }
    }

    private SqlExpression ReadBrackets() => Deeper(() =>
    {
        Expect("(");
        var inner = ReadOr();
        Expect(")");
        return inner;
    });

    /// <summary>A column, a function, or a constant with its type before it (<c>date '2020-01-01'</c>).</summary>
    private SqlExpression ReadNamed()
    {
        var name = ReadName(out var table);
        if (Current.Is("("))
        {
            return new CallExpression(name, Deeper(() => ReadList("(", ")")));
        }

        if (Current.Kind == SqlTokenKind.Text)
        {
            var literal = new LiteralExpression(Current.Text) { IsText = true };
            _position++;
            return new CastExpression(literal, name);
        }

        return new ColumnExpression(name) { Table = table };
    }

    /// <summary>CASE WHEN condition THEN value ... ELSE value END: <c>case</c> of conditions and values in turn, the value of ELSE last.</summary>
    private CallExpression ReadCase() => Deeper(() =>
    {
        Expect("case");
        var arguments = new List<SqlExpression>();
        while (Take("when"))
        {
            arguments.Add(ReadOr());
            Expect("then");
            arguments.Add(ReadOr());
        }

        arguments.Add(Take("else") ? ReadOr() : new LiteralExpression("null"));
        Expect("end");
        return arguments.Count > 1 ? new CallExpression("case", arguments) : throw new FormatException("CASE without WHEN is not supported");
    });

    /// <summary>TRIM(BOTH characters FROM text), as the server prints btrim(text, characters).</summary>
    private CallExpression ReadTrim() => Deeper(() =>
    {
        Expect("trim");
        Expect("(");
        var name = Take("leading") ? "ltrim" : Take("trailing") ? "rtrim" : "btrim";
        Take("both");
        var arguments = new List<SqlExpression>();
        var hasFrom = Take("from");
        if (!hasFrom)
        {
            arguments.Add(ReadOr());
            hasFrom = Take("from");
        }

        if (hasFrom)
        {
            arguments.Insert(0, ReadOr());
        }

        Expect(")");
        return new CallExpression(name, arguments);
    });

    private string ReadName() => ReadName(out _);

    /// <summary>A name; <paramref name="before"/> gets what stands before it and a dot (a schema, a table).</summary>
    private string ReadName(out string? before)
    {
        before = null;
        while (true)
        {
            var token = Current;
            if (token.Kind is not (SqlTokenKind.Word or SqlTokenKind.QuotedName))
            {
                throw Unexpected();
            }

            _position++;
            if (!Take("."))
            {
                return token.Text;
            }

            before = token.Text;
        }
    }

    private string ReadType()
    {
        var type = ReadName();
        while (Current.Is("varying") || Current.Is("precision") || Current.Is("with") || Current.Is("without") || Current.Is("time") || Current.Is("zone"))
        {
            type += " " + Current.Text;
            _position++;
        }

        if (Current.Is("("))
        {
            type += $"({string.Join(',', ReadList("(", ")").OfType<LiteralExpression>().Select(argument => argument.Text))})";
        }

        while (Take("["))
        {
            Expect("]");
            type += "[]";
        }

        return type;
    }

    private List<SqlExpression> ReadList(string open, string close)
    {
        Expect(open);
        var items = new List<SqlExpression>();
        if (Take(close))
        {
            return items;
        }

        do
        {
            items.Add(ReadOr());
        }
        while (Take(","));
        Expect(close);
        return items;
    }

    private bool Take(string text)
    {
        if (!Current.Is(text))
        {
            return false;
        }

        _position++;
        return true;
    }

    private void Expect(string text)
    {
        if (!Take(text))
        {
            throw Unexpected();
        }
    }

    /// <summary>An expression nested without end must not end the process.</summary>
    private T Deeper<T>(Func<T> read)
    {
        if (++_depth > MaxDepth)
        {
            throw new FormatException("it is nested too deeply");
        }

        var result = read();
        _depth--;
        return result;
    }

    private FormatException Unexpected() =>
        new(Current.Kind == SqlTokenKind.End ? "it is incomplete" : $"\"{Current.Text}\" is not expected here");
}
