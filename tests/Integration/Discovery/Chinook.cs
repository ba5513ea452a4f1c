namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>Our own small re-creation of what is tricky in Chinook: integer keys without a sequence, a self reference, numeric(10,2), a link
/// table.</summary>
internal static class Chinook
{
    public const string Sql =
        """
        CREATE TABLE employee (
            employee_id int PRIMARY KEY, last_name varchar(20) NOT NULL, first_name varchar(20) NOT NULL, reports_to int REFERENCES employee,
            birth_date timestamp, hire_date timestamp, email varchar(60));
        CREATE TABLE customer (
            customer_id int PRIMARY KEY, first_name varchar(40) NOT NULL, email varchar(60) NOT NULL UNIQUE,
            support_rep_id int REFERENCES employee);
        CREATE INDEX customer_support_rep_id_idx ON customer (support_rep_id);
        CREATE TABLE media_type (media_type_id int PRIMARY KEY, name varchar(120));
        CREATE TABLE track (
            track_id int PRIMARY KEY, name varchar(200) NOT NULL, media_type_id int NOT NULL REFERENCES media_type,
            milliseconds int NOT NULL CHECK (milliseconds BETWEEN 1000 AND 600000), unit_price numeric(10,2) NOT NULL CHECK (unit_price > 0));
        CREATE TABLE playlist (playlist_id int PRIMARY KEY, name varchar(120));
        CREATE TABLE playlist_track (
            playlist_id int NOT NULL REFERENCES playlist, track_id int NOT NULL REFERENCES track, PRIMARY KEY (playlist_id, track_id));
        CREATE TABLE invoice (
            invoice_id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, invoice_date timestamp NOT NULL,
            total numeric(10,2) NOT NULL CHECK (total >= 0));
        CREATE TABLE invoice_line (
            invoice_line_id int PRIMARY KEY, invoice_id int NOT NULL REFERENCES invoice, track_id int NOT NULL REFERENCES track,
            unit_price numeric(10,2) NOT NULL, quantity int NOT NULL CHECK (quantity > 0));
        """;
}
