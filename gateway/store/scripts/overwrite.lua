-- What is kept of a message that is over becomes another parcel, or none.
-- KEYS  1 how this message ended
-- ARGV  1 the parcel; empty: nothing is kept any more
-- Answer  1 so it is; 0 nothing is kept of it
-- Ends are written as endings.py says.

local ended = redis.call('GET', KEYS[1]) or ''
local over, why = string.match(ended, '^([^|]*|%d+)(|%d+|[^|]*|)')
if not over then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1] == '' and over or over .. why .. ARGV[1], 'KEEPTTL')
return 1
