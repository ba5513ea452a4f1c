using System.Globalization;
using System.Text.Json.Nodes;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench.Models;

/// <summary>
/// A schema of 200 tables as a product has that grew for some years: twenty modules, each with codes, entities that refer to those of
/// this module and of others, details, link tables, a tree, a log and a table that belongs to several others.
/// </summary>
internal static class ProductSchema
{
    public const int Modules = 20;

    private static readonly string[] Subjects =
    [
        "account", "asset", "campaign", "claim", "contract", "course", "delivery", "device", "employee", "event",
        "incident", "invoice", "ledger", "order", "product", "project", "shipment", "subscription", "ticket", "vehicle",
    ];

    /// <summary>The tables.</summary>
    public static StreamModel Make()
    {
        var tables = new JsonObject();
        for (var module = 0; module < Modules; module++)
        {
            AddModule(tables, module);
        }

        return MetadataReader.Parse(tables.ToJsonString());
    }

    private static void AddModule(JsonObject tables, int module)
    {
        var name = Subjects[module];

        // Entities refer to those of the module before and of the first one, as nearly everything does to accounts.
        var other = module > 0 ? Subjects[module - 1] : null;
        tables[$"{name}_status"] = Table(("code", """{"type": "VARCHAR(16)", "primary_key": true, "pattern": "[A-Z]{10}"}"""), ("label", Text(40)), ("sort_order", "INTEGER"), ("is_active", "BOOLEAN"));
        tables[$"{name}_type"] = Table(("type_id", Key("SERIAL")), ("name", Text(60)), ("short_code", """{"type": "VARCHAR(12)", "nullable": false, "unique": true, "pattern": "[a-z]{10}"}"""), ("description", "TEXT"));
        tables[$"{name}_owner"] = Table(("owner_id", Key("UUID")), ("full_name", Text(120)), ("email", """{"type": "VARCHAR(160)", "nullable": false, "unique": true}"""), ("phone", "VARCHAR(30)"), ("city", "VARCHAR(60)"), ("country_code", "CHAR(2)"), ("registered_at", "TIMESTAMPTZ"));
        List<(string Name, string Column)> columns =
        [
            ("id", Key("UUID")), ("reference", Text(20)), ("owner_id", Reference($"{name}_owner", "owner_id", "UUID")), ("status_code", Reference($"{name}_status", "code", "VARCHAR(16)")),
            ("type_code", Reference($"{name}_type", "short_code", "VARCHAR(12)")), ("title", Text(120)), ("amount", "DECIMAL(12,2)"), ("quantity", "INTEGER"), ("is_archived", "BOOLEAN"),
            ("created_at", "TIMESTAMPTZ"), ("updated_at", "TIMESTAMPTZ"), ("attributes", "JSONB"),
        ];
        if (other is not null)
        {
            columns.Add(($"{other}_id", Reference(other, "id", "UUID", nullRatio: 0.2)));
        }

        if (module > 1)
        {
            columns.Add(("account_id", Reference("account", "id", "UUID")));
        }

        tables[name] = Table([.. columns]);
        tables[$"{name}_profile"] = Table(("id", KeyTo(name, "id")), ("summary", "TEXT"), ("score", "DOUBLE PRECISION"), ("verified_on", "DATE"));
        tables[$"{name}_line"] = WithDetails(
            Table(("parent_id", KeyTo(name, "id")), ("line_no", Key("INTEGER")), ("label", Text(80)), ("quantity", "INTEGER"), ("unit_price", "DECIMAL(10,2)")));
        tables[$"{name}_line_note"] = WithForeignKey(
            Table(("note_id", Key("BIGSERIAL")), ("parent_id", """{"type": "UUID", "nullable": false}"""), ("line_no", """{"type": "INTEGER", "nullable": false}"""), ("body", "TEXT"), ("written_at", "TIMESTAMP")), $"{name}_line", "parent_id", "line_no");
        tables[$"{name}_folder"] = Table(("folder_id", Key("UUID")), ("name", Text(80)), ("parent_id", Reference($"{name}_folder", "folder_id", "UUID", nullRatio: 0.1)), ("created_at", "TIMESTAMP"));
        tables[$"{name}_in_folder"] = Table(
            ("folder_id", KeyTo($"{name}_folder", "folder_id")), ("item_id", KeyTo(name, "id")), ("added_at", "TIMESTAMP"));
        tables[$"{name}_history"] = Table(
            ("history_id", Key("BIGSERIAL")), ("item_id", Reference(name, "id", "UUID")), ("changed_by", Reference($"{name}_owner", "owner_id", "UUID", nullRatio: 0.3)), ("old_status", Reference($"{name}_status", "code", "VARCHAR(16)", nullRatio: 0.5)),
            ("new_status", Reference($"{name}_status", "code", "VARCHAR(16)")), ("remote_address", "INET"), ("changed_at", "TIMESTAMPTZ"));
    }

    private static JsonObject Table(params (string Name, string Column)[] columns)
    {
        var described = new JsonObject();
        foreach (var (name, column) in columns)
        {
            described[name] = column.StartsWith('{') ? JsonNode.Parse(column) : new JsonObject { ["type"] = column };
        }

        return new JsonObject { ["columns"] = described };
    }

    private static JsonObject WithDetails(JsonObject table)
    {
        table["per_parent"] = new JsonObject { ["min"] = 0, ["max"] = 2 };
        return table;
    }

    private static JsonObject WithForeignKey(JsonObject table, string parent, params string[] columns)
    {
        table["foreign_keys"] = new JsonArray(new JsonObject
        {
            ["columns"] = new JsonArray([.. columns.Select(column => (JsonNode?)column)]),
            ["table"] = parent,
            ["parent_columns"] = new JsonArray([.. columns.Select(column => (JsonNode?)column)]),
        });
        return table;
    }

    private static string Key(string type) => $$"""{"type": "{{type}}", "primary_key": true}""";

    private static string KeyTo(string table, string column) => $$"""{"type": "UUID", "primary_key": true, "foreign_key": {"table": "{{table}}", "column": "{{column}}"} }""";

    private static string Text(int length) => $$"""{"type": "VARCHAR({{length}})", "nullable": false}""";

    private static string Reference(string table, string column, string type, double nullRatio = 0) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"type": "{{type}}", "nullable": {{(nullRatio > 0 ? "true" : "false")}}, "null_ratio": {{nullRatio}}, "foreign_key": {"table": "{{table}}", "column": "{{column}}"} }""");
}
