#!/bin/bash
# postgres.sh FOLDER-OF-PROGRAMS FOLDER: PostgreSQL with a table that one of its connections has sorted, then a line with
# the process id of that connection on stdout. Ends when all of it has. It does not run as root.
export PATH=$1:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
folder=$2
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --pdeathsig KILL)
settings=(-c listen_addresses= -c unix_socket_directories="$folder" -c shared_buffers=160MB -c work_mem=200MB
  -c fsync=off -c jit=off -c max_parallel_workers=0 -c restart_after_crash=off)
chown 65534:65534 "$folder"
cd "$folder" || exit 1
"${nobody[@]}" initdb -D "$folder/data" -A trust -U bench --no-sync >/dev/null || exit 1
"${nobody[@]}" postgres -D "$folder/data" "${settings[@]}" >/dev/null 2>&1 &
for _ in {1..300}; do
  [ -S "$folder/.s.PGSQL.5432" ] && break
  sleep 0.1
done

{
  cat <<'SQL'
create table customers as select id, 'customer ' || id % 5000 as name, md5(id::text) as token,
  now() + id * interval '1 second' as since, sin(id) as score, jsonb_build_object('street',
  (id % 300) || ' Harbour Street', 'city', (array['Lisbon', 'Tallinn', 'Osaka'])[1 + id % 3]) as address
  from generate_series(1, 350000) id;
begin;
declare sorted cursor for select * from customers order by token;
move 1 in sorted;
select 'ready ' || pg_backend_pid();
SQL
  sleep 3600
} | "${nobody[@]}" psql -qAtX -h "$folder" -U bench -d postgres 2>/dev/null &
wait -n
kill $(jobs -p) 2>/dev/null
wait
