#!/bin/bash
# redis.sh SERVER CLI FOLDER: Redis with hundreds of thousands of keys, then a line with its process id on stdout. Ends
# when that has. SERVER is also its checker, and told apart by its name.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
server=$1 cli=$2 socket=$3/redis.sock
settings=(--port 0 --unixsocket "$socket" --save '' --crash-log-enabled no)
setpriv --pdeathsig KILL bash -c 'exec -a redis-server "$0" "$@"' "$server" "${settings[@]}" >/dev/null &
for _ in {1..300}; do
  [ -S "$socket" ] && break
  sleep 0.1
done

awk 'BEGIN {
  split("Lisbon Tallinn Osaka", city, " ")
  for (id = 0; id < 250000; id++) {
    printf "HSET customer:%d name \"customer %d\" street \"%d Harbour Street\" city %s score %.9f\r\n",
      id, id % 5000, id % 300, city[id % 3 + 1], sin(id)
    printf "ZADD by-score %.9f customer:%d\r\nRPUSH basket:%d %d %d %d\r\n", sin(id), id, id, id % 7, id % 11, id % 13
  }
}' | "$cli" -s "$socket" --pipe >/dev/null || exit 1
echo "ready $!"
wait
