SELECT public.participation(c) FROM public.calls AS c
SELECT public.activity_is_better_known(c, c) FROM public.calls AS c
SELECT c::public.activity FROM public.calls AS c
SELECT pg_catalog.count(*) FROM public.calls AS c WHERE c.state = 'Ringing'
