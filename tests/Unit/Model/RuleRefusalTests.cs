using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>Rules that cannot be kept, or contradict each other, are refused with the place, the reason and the remedy.</summary>
public sealed class RuleRefusalTests
{
    [Theory]
    [InlineData("\"nullable\": \"yes\"", "\"nullable\" must be true or false, not text")]
    [InlineData("\"null_ratio\": 1.5", "\"null_ratio\" is 1.5, but it must be from 0 to 1")]
    [InlineData("\"null_ratio\": -0.1", "\"null_ratio\" is -0.1, but it must be from 0 to 1")]
    [InlineData("\"null_ratio\": 1e999", "is too large")]
    [InlineData("\"null_ratio\": 0.5, \"nullable\": false", "\"null_ratio\" requests NULLs, but \"nullable\": false forbids them")]
    [InlineData("\"null_ratio\": 0.5, \"primary_key\": true", "\"null_ratio\" requests NULLs, but a primary key forbids them")]
    [InlineData("\"nullable\": true, \"primary_key\": true", "\"nullable\" is true, but a primary key is never NULL")]
    [InlineData("\"unique\": 1", "\"unique\" must be true or false, not a number")]
    [InlineData("\"generator\": 5", "\"generator\" must be a name, or an object with \"kind\", not a number")]
    [InlineData("\"generator\": {\"country\": \"DE\"}", "\"generator\" has no \"kind\"")]
    [InlineData("\"generator\": {\"kind\": \"finance.iban\", \"country\": null}", "\"country\" must be a value, not null")]
    [InlineData("\"values\": 7", "\"values\" must be a list of values, or an object of values and their weights, not a number")]
    [InlineData("\"values\": []", "\"values\" is empty")]
    [InlineData("\"values\": {}", "\"values\" is empty")]
    [InlineData("\"values\": [\"a\", \"a\"]", "\"values\" has \"a\" twice")]
    [InlineData("\"values\": [\"a\", null]", "not null. Use \"null_ratio\" for NULLs.")]
    [InlineData("\"values\": {\"a\": 0, \"b\": 0}", "the sum of the weights of \"values\" is 0")]
    [InlineData("\"values\": {\"a\": -1, \"b\": 2}", "the weight of \"a\" is -1, but it must be 0 or more")]
    [InlineData("\"values\": {\"a\": \"often\"}", "the weight of \"a\" must be a number, not text")]
    [InlineData("\"values\": [{\"weight\": 2}]", "an entry of \"values\" has no \"value\"")]
    [InlineData("\"values\": [{\"value\": 1, \"wait\": 2}]", "the property \"wait\" is unknown. Did you mean \"weight\"?")]
    [InlineData("\"min\": null", "\"min\" must be a value, not null")]
    [InlineData("\"distribution\": \"norml\"", "there is no distribution \"norml\". Did you mean \"normal\"?")]
    [InlineData("\"distribution\": {\"mean\": 3}", "\"distribution\" has no \"kind\"")]
    [InlineData("\"distribution\": {\"kind\": \"uniform\", \"mean\": 3}", "the distribution \"uniform\" has no \"mean\". It has no arguments;")]
    [InlineData("\"distribution\": {\"kind\": \"zipf\", \"mean\": 3}", "the distribution \"zipf\" has no \"mean\". It takes: exponent.")]
    [InlineData("\"distribution\": {\"kind\": \"zipf\", \"exponent\": -1}", "\"exponent\" is -1, but it must be from 0 to 20")]
    [InlineData("\"distribution\": \"histogram\"", "\"histogram\" has no \"bounds\"")]
    [InlineData("\"distribution\": {\"kind\": \"histogram\", \"bounds\": [1]}", "\"histogram\" has no \"bounds\"")]
    [InlineData("\"pattern\": 5", "\"pattern\" must be text, not a number")]
    [InlineData("\"after\": 5", "\"after\" must be a column, or an object with \"column\", not a number")]
    [InlineData("\"after\": {\"within\": \"5 days\"}", "\"after\" has no \"column\"")]
    [InlineData("\"after\": {\"column\": \"id\", \"within\": \"soon\"}", "\"within\" is \"soon\", but it must be a duration above zero. Write one such as 90s")]
    [InlineData("\"equals_parent\": \"users\"", "\"equals_parent\" is \"users\", but it must name a parent table and its column")]
    [InlineData("\"sum_of\": \"lines\"", "\"sum_of\" must be an object with \"table\" and \"columns\", not text")]
    [InlineData("\"sum_of\": {\"table\": \"lines\"}", "\"sum_of\" has no \"columns\"")]
    [InlineData("\"sum_of\": {\"table\": \"lines\", \"columns\": []}", "\"columns\" is empty")]
    [InlineData("\"locale\": \" \"", "\"locale\" is empty")]
    [InlineData("\"sensitive\": \"no\"", "\"sensitive\" must be true or false, not text")]
    [InlineData("\"values\": [\"a\"], \"pattern\": \"b\"", "\"values\" and \"pattern\" both define the values. Remove one of them.")]
    [InlineData("\"values\": [\"a\"], \"min\": 3", "\"values\" defines the values, but \"min\" defines others")]
    [InlineData("\"null_ration\": 0.5", "the property \"null_ration\" is unknown. Did you mean \"null_ratio\"?")]
    [InlineData("\"foreign_key\": {\"table\": \"a\", \"column\": \"id\"}, \"min\": 5", "the values come from a parent, but \"min\" defines others")]
    public void A_rule_of_a_column(string rule, string reason) => AssertRefused(
        $$$$"""{"a": {"columns": {"id": {"type": "UUID", "primary_key": true}, "x": {"type": "VARCHAR(50)", {{{{rule}}}}} }}}""", "a.x", reason);

    [Theory]
    [InlineData("VARCHAR(50)", "\"generator\": \"person.fullname\"", "there is no generator \"person.fullname\". Did you mean \"person.full_name\"?")]
    [InlineData("VARCHAR(50)", "\"generator\": \"person.shoe_size\"", "Known names: person.full_name, person.first_name")]
    [InlineData("UUID", "\"generator\": \"nothing.such\"", "Known names: uuid.v7, uuid.v4, any, default.")]
    [InlineData("INTEGER", "\"generator\": \"person.full_name\"", "the generator \"person.full_name\" generates text, but the type is INTEGER")]
    [InlineData("VARCHAR(50)", "\"generator\": {\"kind\": \"finance.iban\", \"contry\": \"DE\"}", "has no argument \"contry\". Did you mean \"country\"?")]
    [InlineData("VARCHAR(50)", "\"generator\": {\"kind\": \"person.full_name\", \"country\": \"DE\"}", "has no argument \"country\". It has no arguments.")]
    [InlineData("VARCHAR(50)", "\"generator\": {\"kind\": \"finance.iban\", \"country\": \"XX\"}", "\"country\" is \"XX\", but it must be one of: AT, BE")]
    [InlineData("VARCHAR(50)", "\"generator\": {\"kind\": \"lorem.words\", \"words\": 0}", "\"words\" is \"0\", but it must be a whole number from 1 to 200")]
    [InlineData("VARCHAR(50)", "\"locale\": \"xx\"", "there is no locale \"xx\"")]
    [InlineData("INTEGER", "\"values\": [\"many\"]", "many of \"values\" does not fit INTEGER: it is not a whole number")]
    [InlineData("VARCHAR(3)", "\"values\": [\"long one\"]", "long one of \"values\" does not fit VARCHAR(3): it has 8 characters")]
    [InlineData("INTEGER", "\"values\": [\"\"]", "of \"values\" does not fit INTEGER")]
    [InlineData("INTEGER", "\"min\": 5, \"max\": 4", "\"min\" is 5 and \"max\" is 4: no value lies between them")]
    [InlineData("INTEGER", "\"min\": 1.2, \"max\": 1.8", "no value lies between them")]
    [InlineData("INTEGER", "\"max\": 3000000000", "\"max\" is 3000000000: it is outside the range of the column")]
    [InlineData("INTEGER", "\"min\": \"low\"", "\"min\" is low: it is not a number")]
    [InlineData("DECIMAL(4,2)", "\"max\": 100.5", "\"max\" is 100.5: it is outside the range of the column, -99.99 to 99.99")]
    [InlineData("TIMESTAMP", "\"min\": \"yesterday\"", "\"min\" is yesterday: it is not a time")]
    [InlineData("TIMESTAMP", "\"min\": \"2024-05-01\", \"max\": \"2024-04-01\"", "no value lies between them")]
    [InlineData("VARCHAR(9)", "\"min\": 10", "\"min\" requires 10 characters, but the column takes only 9")]
    [InlineData("VARCHAR(9)", "\"min\": 5, \"max\": 4", "\"min\" is 5 and \"max\" is 4: no length lies between them")]
    [InlineData("VARCHAR(9)", "\"distribution\": {\"kind\": \"histogram\", \"bounds\": [\"a\", 7]}", "\"bounds\" is a, but for text it must be a length from 0 to 1000000")]
    [InlineData("BOOLEAN", "\"distribution\": \"normal\"", "\"distribution\" need numbers, times or text, but the type is BOOLEAN")]
    [InlineData("UUID", "\"min\": 5", "need numbers, times or text, but the type is UUID")]
    [InlineData("INTEGER", "\"distribution\": {\"kind\": \"normal\", \"mean\": 5, \"stddev\": 0}", "the standard deviation must be above 0")]
    [InlineData("INTEGER", "\"min\": 900, \"max\": 1000, \"distribution\": {\"kind\": \"normal\", \"mean\": 5, \"stddev\": 1}", "almost no value of the distribution lies between the bounds")]
    [InlineData("INTEGER", "\"min\": -10, \"max\": 0, \"distribution\": \"lognormal\"", "a lognormal distribution has only values above 0")]
    [InlineData("INTEGER", "\"min\": 5, \"distribution\": {\"kind\": \"exponential\", \"mean\": 4}", "the mean of an exponential distribution must be above its lowest value")]
    [InlineData("INTEGER", "\"distribution\": {\"kind\": \"histogram\", \"bounds\": [5, 1]}", "the bounds of the histogram")]
    [InlineData("TIMESTAMP", "\"distribution\": {\"kind\": \"normal\", \"mean\": \"2024-01-01\", \"stddev\": 5}", "it is not a duration")]
    [InlineData("VARCHAR(9)", "\"pattern\": \"[a\"", "the pattern \"[a\" is not supported: a class is not closed")]
    [InlineData("VARCHAR(3)", "\"pattern\": \"[a-z]{2,5}\"", "generates texts of up to 5 characters, but the column takes only 3")]
    [InlineData("INTEGER", "\"pattern\": \"1\"", "\"pattern\" generates text, but the type is INTEGER")]
    [InlineData("INTEGER", "\"after\": \"at\"", "\"after\" generates times, but the type is INTEGER")]
    [InlineData("TIMESTAMP", "\"after\": \"it\"", "\"after\" names the column \"it\", which does not exist in the table. Did you mean \"id\"?")]
    [InlineData("TIMESTAMP", "\"after\": \"id\"", "\"after\" names \"id\", which is UUID, not a time")]
    [InlineData("TIMESTAMP", "\"after\": \"x\"", "\"after\" forms a cycle: x -> x")]
    [InlineData("TIMESTAMP", "\"after\": \"orders.at\"", "\"after\" names the table \"orders\", but no foreign key refers to it. Add a foreign key to it.")]
    [InlineData("TIMESTAMP", "\"equals_parent\": \"orders.at\"", "\"equals_parent\" names the table \"orders\", but no foreign key refers to it")]
    public void A_rule_that_no_generator_can_keep(string type, string rule, string reason) => AssertRefused(
        $$$$"""{"a": {"columns": {"id": {"type": "UUID", "primary_key": true}, "at": {"type": "TIMESTAMP"}, "x": {"type": "{{{{type}}}}", {{{{rule}}}}} }}}""", "a.x", reason);

    [Theory]
    [InlineData("TEXT", """{"table": "b", "columns": ["price"]}""", "", "\"sum_of\" gives exact numbers, but the type is TEXT")]
    [InlineData("REAL", """{"table": "b", "columns": ["price"]}""", "", "\"sum_of\" gives exact numbers, but the type is REAL")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["price"], "if_none": "two"}""", "", "\"if_none\" is \"two\"")]
    [InlineData("BIGINT", """{"table": "c", "columns": ["price"]}""", "", "\"sum_of\" names the table \"c\", which does not exist")]
    [InlineData("BIGINT", """{"table": "a", "columns": ["price"]}""", "", "\"sum_of\" names the table \"a\", but it has no foreign key to \"a\"")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["prize"]}""", "", "names the column \"prize\" of table \"b\", which does not exist. Did you mean \"price\"?")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["name"]}""", "", "\"name\" of \"b\" is TEXT, which cannot be summed exactly")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["copy"]}""", "", "\"copy\" of \"b\" is itself a sum, or a copy of this column")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["id"]}""", "", "the server computes \"id\" of \"b\"")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["price"]}, "unique": true""", "", "a sum cannot be a key, unique")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["price"]}, "null_ratio": 0.5""", "", "NULL or computed")]
    [InlineData("BIGINT", """{"table": "b", "columns": ["price"]}""", "\"per_parent\": {\"parent\": \"d\", \"min\": 1, \"max\": 2},", "the rows of \"b\" are already assigned to \"d\"")]
    public void A_sum_that_cannot_be_kept(string type, string sum, string partsRule, string reason) => AssertRefused(
        $$$$"""
        {"d": {"columns": {"id": {"type": "UUID", "primary_key": true}}},
         "a": {"columns": {"id": {"type": "UUID", "primary_key": true}, "x": {"type": "{{{{type}}}}", "sum_of": {{{{sum}}}} } }},
         "b": { {{{{partsRule}}}} "columns": {
            "id": {"type": "SERIAL", "primary_key": true}, "name": {"type": "TEXT"}, "price": {"type": "INTEGER"},
            "copy": {"type": "{{{{type}}}}", "equals_parent": "a.x"},
            "d_id": {"type": "UUID", "foreign_key": {"table": "d", "column": "id"}},
            "a_id": {"type": "UUID", "foreign_key": {"table": "a", "column": "id"} } } } }
        """, "a.x", reason);

    [Fact]
    public void A_rule_for_a_column_that_a_sequence_fills() => AssertRefused(
        """{"a": {"columns": {"x": {"type": "SERIAL", "primary_key": true, "min": 5}}}}""", "a.x", "the values come from a sequence, but \"min\" defines others");

    [Theory]
    [InlineData("\"unique\": true", "\"unique\" must be a list, not true or false")]
    [InlineData("\"unique\": [\"x\"]", "an entry of \"unique\" must be a list, not text")]
    [InlineData("\"unique\": [[\"y\"]]", "an entry of \"unique\" names the column \"y\", which does not exist in the table. Known names: id, x.")]
    [InlineData("\"unique\": [[\"x\", \"x\"]]", "an entry of \"unique\" has \"x\" twice")]
    [InlineData("\"unique\": [[\"x\", \"id\"], [\"id\", \"x\"]]", "id, x are listed as unique twice")]
    [InlineData("\"unique\": [[\"id\"]]", "id are listed as unique twice")]
    [InlineData("\"distinct\": [\"x\"]", "an entry of \"distinct\" must be a list of columns, or an object with \"columns\", not text")]
    [InlineData("\"distinct\": [[\"y\"]]", "an entry of \"distinct\" names the column \"y\", which does not exist in the table")]
    [InlineData("\"distinct\": [{\"fold\": \"lower\"}]", "an entry of \"distinct\" has no \"columns\"")]
    [InlineData("\"distinct\": [{\"columns\": [\"x\"], \"fold\": \"lowr\"}]", "\"fold\" is \"lowr\". Did you mean \"lower\"?")]
    [InlineData("\"distinct\": [{\"columns\": [\"id\"], \"fold\": \"lower\"}]", "\"fold\" of an entry of \"distinct\" needs a text column, and it has none. Remove it.")]
    [InlineData("\"checks\": \"x > 1\"", "\"checks\" must be a list, not text")]
    [InlineData("\"checks\": [5]", "an entry of \"checks\" must be an SQL expression, or an object with \"expression\", not a number")]
    [InlineData("\"checks\": [\" \"]", "an expression of \"checks\" is empty")]
    [InlineData("\"checks\": [{\"name\": \"c\"}]", "an entry of \"checks\" has no \"expression\"")]
    [InlineData("\"checks\": [{\"name\": \"\", \"expression\": \"x > 1\"}]", "this is not a valid a check name: the name is empty")]
    [InlineData("\"indexes\": [5]", "an entry of \"indexes\" must be a list of columns, or an object with \"columns\", not a number")]
    [InlineData("\"indexes\": [{\"unique\": true}]", "an entry of \"indexes\" has no \"columns\"")]
    [InlineData("\"indexes\": [[\"nope\"]]", "an entry of \"indexes\" names the column \"nope\"")]
    [InlineData("\"rows_per_batch\": -1", "\"rows_per_batch\" is -1, but it must be from 0 to 4294967296")]
    [InlineData("\"rows_per_batch\": 1.5", "\"rows_per_batch\" is 1.5, but it must be a whole number")]
    [InlineData("\"per_parent\": -1", "\"per_parent\" must be a whole number from 0 to 1000000")]
    [InlineData("\"per_parent\": {}", "\"per_parent\" has no \"max\"")]
    [InlineData("\"per_parent\": {\"min\": 5, \"max\": 2}", "\"per_parent\" has \"min\" 5 and \"max\" 2, but \"min\" must not exceed \"max\"")]
    [InlineData("\"per_parent\": {\"distribution\": \"poison\", \"mean\": 2}", "there is no distribution \"poison\" for \"per_parent\". Did you mean \"poisson\"?")]
    [InlineData("\"per_parent\": {\"distribution\": \"poisson\"}", "\"per_parent\" has a \"distribution\" but no \"mean\"")]
    [InlineData("\"per_parent\": {\"mean\": 2, \"max\": 3}", "\"per_parent\" has a \"mean\" but no \"distribution\"")]
    [InlineData("\"per_parent\": {\"counts\": {}}", "\"counts\" of \"per_parent\" needs 1 to 1000 numbers of children, at least one with a weight above 0")]
    [InlineData("\"per_parent\": {\"counts\": {\"1\": 0}}", "\"counts\" of \"per_parent\" needs 1 to 1000 numbers of children, at least one with a weight above 0")]
    [InlineData("\"per_parent\": {\"counts\": {\"few\": 1}}", "\"counts\" of \"per_parent\" has \"few\", which is not a whole number")]
    [InlineData("\"per_parent\": {\"counts\": {\"-1\": 1}}", "has \"-1\", which is not a whole number")]
    [InlineData("\"per_parent\": {\"counts\": {\"1\": -1}}", "the weight of 1 in \"counts\" of \"per_parent\" is negative")]
    [InlineData("\"per_parent\": {\"counts\": {\"1\": 1}, \"max\": 4}", "\"per_parent\" has \"counts\" and \"max\". Remove one of them.")]
    [InlineData("\"per_parent\": 2, \"rows_per_batch\": 3", "\"rows_per_batch\" and \"per_parent\" both set the number of rows")]
    [InlineData("\"retention\": 30", "\"retention\" is 30, but it must be a duration above zero. Write one such as 90s")]
    [InlineData("\"retention\": \"a while\"", "\"retention\" is \"a while\", but it must be a duration")]
    [InlineData("\"partition_of\": \"b\"", "the property \"partition_of\" is unknown")]
    public void A_rule_of_a_table(string rule, string reason) => AssertRefused(
        $$$$"""{"a": {"columns": {"id": {"type": "UUID", "primary_key": true}, "x": {"type": "VARCHAR(50)"} }, {{{{rule}}}}}}""", "a", reason);

    [Fact]
    public void A_name_of_the_document_that_begins_with_a_dollar_is_no_table() => AssertRefused(
        """{"$shema": "x", "a": {"columns": {"id": {"type": "UUID", "primary_key": true}}}}""", "metadata", "the property \"$shema\" is unknown, and table names cannot start with $. Did you mean \"$schema\"?");

    private static void AssertRefused(string json, string place, string reason)
    {
        var error = Assert.Throws<StreamingException>(() => MetadataReader.Parse(json));
        Assert.Equal(("InvalidMetadata", StreamingErrorKind.InvalidMetadata), (error.ErrorId, error.Kind));
        Assert.Equal(place, error.Target);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
