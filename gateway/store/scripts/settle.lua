-- Ends one attempt, or puts it in doubt. Doing it again changes nothing.
-- KEYS  1 the bucket's records   2 the bucket's open attempts (both in one slot)
-- ARGV  1 attempt id   2 `in doubt`, or how it ended   3 the field that says when the recipient was instructed, or
--       nothing   4 seconds since 1970
-- Answer  the worker that had it; nil where nobody had

local held = redis.call('HGET', KEYS[2], ARGV[1])
if not held then
    return nil
end
if ARGV[2] == 'in doubt' then
    redis.call('HSET', KEYS[2], ARGV[1], 'd' .. string.sub(held, 2))
else
    redis.call('HDEL', KEYS[2], ARGV[1])
    if ARGV[3] ~= '' then
        redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
    end
end
return string.match(held, '^%a|([^|]*)|')
