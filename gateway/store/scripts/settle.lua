-- Ends one attempt, or puts it in doubt. Doing it again changes nothing.
-- KEYS  1 the bucket's records   2 the bucket's open attempts; and where the attempt comes from the outbox, 3 its held
--       messages   4 its parcels   5 how this message ended (all in one slot)
-- ARGV  1 attempt id   2 `in doubt`, or how it ended   3 the field that says when the recipient was instructed, or
--       nothing   4 seconds since 1970   5 the second that it claimed   6 seconds that the end of one from the outbox is
--       remembered   7, 8 and so on: the fields of the counters under which it gives its place back
-- Answer  the worker that had it, and its parcel if it left the outbox now; nil where nobody had
-- Claims are written as reserve.lua says. Those of one second are alike: which of them goes makes no difference.
-- Held messages are written as hold.lua says.

local function without(claims, second)
    local gone = false
    return (string.gsub(claims, '....', function(claim)
        if not gone and struct.unpack('>I4', claim) == second then
            gone = true
            return ''
        end
    end))
end

local attempt = redis.call('HGET', KEYS[2], ARGV[1])
if not attempt then
    return nil
end
local parcel
if ARGV[2] == 'in doubt' then
    redis.call('HSET', KEYS[2], ARGV[1], 'd' .. string.sub(attempt, 2))
else
    redis.call('HDEL', KEYS[2], ARGV[1])
    if ARGV[3] ~= '' then
        redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
    end
    local due = KEYS[3] and string.match(redis.call('HGET', KEYS[3], ARGV[1]) or '', '^s|(%d+)')
    if due then
        parcel = redis.call('HGET', KEYS[4], ARGV[1])
        redis.call('HDEL', KEYS[3], ARGV[1])
        redis.call('HDEL', KEYS[4], ARGV[1])
        redis.call('SET', KEYS[5], ARGV[2] .. '|' .. due, 'EX', ARGV[6])
    end
end
for i = 7, #ARGV do
    local claims = without(redis.call('HGET', KEYS[1], ARGV[i]) or '', tonumber(ARGV[5]))
    if claims == '' then
        redis.call('HDEL', KEYS[1], ARGV[i])
    else
        redis.call('HSET', KEYS[1], ARGV[i], claims)
    end
end
return {string.match(attempt, '^%a|([^|]*)|'), parcel}
