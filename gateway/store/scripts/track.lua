-- What became of a message.
-- KEYS  1 the bucket's held messages   2 its parcels   3 its open attempts   4 how this message ended (all in one slot)
-- ARGV  1 message id   2 microseconds of the longest lease, as lease.lua says
-- Answer  its state, when it is due, and its parcel; once it is over how it ended, as endings.py says; nil nothing is
--         known
-- Messages are written as hold.lua says, attempts as reserve.lua says.

local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held then
    return redis.call('GET', KEYS[4])
end
local state, due = string.match(held, '^(%a)|(%d+)')
if state == 's' then
    local attempt = redis.call('HGET', KEYS[3], ARGV[1])
    local state = attempt and string.sub(attempt, 1, 1) == 's' and 'sending' or 'in doubt'
    return {state, due, redis.call('HGET', KEYS[2], ARGV[1])}
end
local time = redis.call('TIME')
local ends = tonumber(string.match(held, '^l|.*|(%d+)$') or 0)
local left = ends - (time[1] * 1000000 + time[2])
local leased = left > 0 and left <= tonumber(ARGV[2])
return {leased and 'leased' or 'waiting', due, redis.call('HGET', KEYS[2], ARGV[1])}
