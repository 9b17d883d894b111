-- Ends one attempt, or puts it in doubt. Doing it again changes nothing.
-- KEYS  1 the bucket's records   2 the bucket's open attempts; and where the attempt comes from the outbox, 3 its held
--       messages   4 its parcels   5 how this message ended (all in one slot)
-- ARGV  1 attempt id   2 `in doubt`, or how it ended   3 the field that says when the recipient was instructed, or
--       nothing   4 seconds since 1970   5 the second that it claimed   6 seconds that the end of one from the outbox is
--       remembered   7 its end, where its client may ask for it; or empty   8 the field that says what was sent last, or
--       nothing   9 what it says then   10, 11 and so on: the fields of the counters under which it gives its place back
-- Answer  the worker that had it, and its parcel if it left the outbox now or is in doubt there; nil where nobody had
-- Attempts are written as reserve.lua says, claims as claims.lua says, held messages as hold.lua says, ends as endings.py
-- says.

local attempt = redis.call('HGET', KEYS[2], ARGV[1])
if not attempt then
    return nil
end
local parcel
if ARGV[2] == 'in doubt' then
    redis.call('HSET', KEYS[2], ARGV[1], 'd' .. string.sub(attempt, 2))
    parcel = KEYS[4] and redis.call('HGET', KEYS[4], ARGV[1]) or nil
else
    redis.call('HDEL', KEYS[2], ARGV[1])
    if ARGV[3] ~= '' then
        redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
    end
    if ARGV[8] ~= '' then
        redis.call('HSET', KEYS[1], ARGV[8], ARGV[9])
    end
    local due = KEYS[3] and string.match(redis.call('HGET', KEYS[3], ARGV[1]) or '', '^s|(%d+)')
    if due then
        parcel = redis.call('HGET', KEYS[4], ARGV[1])
        redis.call('HDEL', KEYS[3], ARGV[1])
        redis.call('HDEL', KEYS[4], ARGV[1])
        local kept = ARGV[7] ~= '' and '|' .. ARGV[7] .. '|' .. parcel or ''
        redis.call('SET', KEYS[5], ARGV[2] .. '|' .. due .. kept, 'EX', ARGV[6])
    end
end
for i = 10, #ARGV do
    give_back(KEYS[1], ARGV[i], tonumber(ARGV[5]))
end
return {string.match(attempt, '^%a|([^|]*)|'), parcel}
