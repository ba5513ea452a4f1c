namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>Our own small re-creation of what is tricky in Pagila: an enum, a domain, tsvector filled by a trigger, arrays, a cycle of foreign
/// keys, a link table, partitions.</summary>
internal static class Pagila
{
    public const string Sql =
        """
        CREATE TYPE mpaa_rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');
        CREATE DOMAIN year AS integer CHECK (VALUE >= 1901 AND VALUE <= 2155);
        CREATE TABLE language (
            language_id serial PRIMARY KEY, name character(20) NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
        CREATE SEQUENCE film_film_id_seq;
        CREATE TABLE film (
            film_id integer PRIMARY KEY DEFAULT nextval('film_film_id_seq'), title text NOT NULL, description text, release_year year,
            language_id integer NOT NULL REFERENCES language, original_language_id integer REFERENCES language,
            rental_duration smallint NOT NULL DEFAULT 3, rental_rate numeric(4,2) NOT NULL DEFAULT 4.99, length smallint,
            replacement_cost numeric(5,2) NOT NULL DEFAULT 19.99, rating mpaa_rating DEFAULT 'G', last_update timestamptz NOT NULL DEFAULT now(),
            special_features text[], fulltext tsvector NOT NULL);
        CREATE INDEX film_fulltext_idx ON film USING gist (fulltext);
        CREATE TRIGGER film_fulltext_trigger BEFORE INSERT OR UPDATE ON film FOR EACH ROW
            EXECUTE FUNCTION tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title', 'description');
        CREATE TABLE actor (actor_id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
        CREATE TABLE film_actor (
            actor_id integer NOT NULL REFERENCES actor, film_id integer NOT NULL REFERENCES film, last_update timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (actor_id, film_id));
        CREATE TABLE store (store_id serial PRIMARY KEY, manager_staff_id integer NOT NULL);
        CREATE TABLE staff (
            staff_id serial PRIMARY KEY, first_name text NOT NULL, email text, store_id integer NOT NULL REFERENCES store,
            active boolean NOT NULL DEFAULT true, username text NOT NULL, picture bytea);
        ALTER TABLE store ADD CONSTRAINT store_manager_staff_id_fkey FOREIGN KEY (manager_staff_id) REFERENCES staff
            DEFERRABLE INITIALLY DEFERRED;
        CREATE UNIQUE INDEX idx_unq_manager_staff_id ON store (manager_staff_id);
        CREATE TABLE customer (
            customer_id serial PRIMARY KEY, store_id integer NOT NULL REFERENCES store, first_name text NOT NULL, last_name text NOT NULL,
            email text, activebool boolean NOT NULL DEFAULT true, create_date date NOT NULL DEFAULT CURRENT_DATE, active integer);
        CREATE SEQUENCE payment_payment_id_seq;
        CREATE TABLE payment (
            payment_id integer NOT NULL DEFAULT nextval('payment_payment_id_seq'), customer_id integer NOT NULL REFERENCES customer,
            staff_id integer NOT NULL REFERENCES staff, amount numeric(5,2) NOT NULL, payment_date timestamptz NOT NULL,
            PRIMARY KEY (payment_date, payment_id)) PARTITION BY RANGE (payment_date);
        CREATE TABLE payment_p1 PARTITION OF payment FOR VALUES FROM ('2022-01-01 00:00:00+00') TO ('2022-02-01 00:00:00+00');
        CREATE TABLE payment_p2 PARTITION OF payment FOR VALUES FROM ('2022-02-01 00:00:00+00') TO ('2022-03-01 00:00:00+00');
        CREATE VIEW actor_info AS SELECT actor_id, first_name FROM actor;
        """;
}
